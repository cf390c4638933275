import { isDeepStrictEqual } from 'node:util'
import { fromHex, isArtError } from '@art/core'
import { compareSections, type EntryChange } from '@art/core/index/compare.ts'
import { indexFromTree } from '@art/core/index/from-tree.ts'
import type { Section } from '@art/core/index/section.ts'
import { dataPathFor } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import type { DiffEntry, DiffOptions, DiffResult } from '../api.ts'
import { findRev, pointersAt } from '../git/history.ts'
import { figureChanges } from '../model/fact-changes.ts'
import { givenOf } from '../model/given-facts.ts'
import { checkpointOf } from '../model/read-block.ts'
import type { Repo } from '../open.ts'
import { findPointers } from '../target/find.ts'
import { repoPath } from '../target/path.ts'
import { directoryState } from '../workspace/directory-state.ts'
import { fileState } from '../workspace/file-state.ts'
import { type Session, withSession } from '../workspace/session.ts'

/** One side: an artifact's pointer, and what of the workspace's data is not as that says. */
export interface Version {
  pointer: Pointer
  /** Changes of data since the pointer was written. */
  drift?: { oid?: string | undefined; size: number; changes: EntryChange[] }
}

/** Compares two revisions, or a revision with the workspace and its data. Needs no content but the trees of directories. */
export async function diff(repo: Repo, options: DiffOptions = {}): Promise<DiffResult> {
  const from = options.from ?? 'HEAD'
  return await withSession(repo, options, async (session) => {
    const older = await revision(repo, from, options.from === undefined)
    const newer = options.to === undefined ? await workspace(session) : await revision(repo, options.to, false)
    const artifacts = pairRenames(compare(session, older, newer, filterOf(repo, options.paths ?? [])))
    const result = { from, to: options.to ?? 'workspace', artifacts }
    if (options.tensors !== true) return result
    const { addDifferences } = await import('../model/add-differences.ts')
    return { ...result, failed: await addDifferences(session, result, { older, newer }) }
  })
}

function filterOf(repo: Repo, names: readonly string[]): (path: string) => boolean {
  const wanted = names
    .map((name) => repoPath(repo, name))
    .map((path) => (path.endsWith('.art') ? dataPathFor(path) : path))
  if (wanted.length === 0 || wanted.includes('')) return () => true
  return (path) => wanted.some((one) => path === one || path.startsWith(`${one}/`))
}

async function revision(repo: Repo, rev: string, orEmpty: boolean): Promise<Map<string, Version>> {
  const found = new Map<string, Version>()
  if (orEmpty && (await findRev(repo, rev)) === undefined) return found
  for (const { path, text } of await pointersAt(repo, rev)) {
    const pointer = await parsePointer(text, { path }).catch(() => undefined)
    if (pointer !== undefined) found.set(dataPathFor(path), { pointer })
  }
  return found
}

async function workspace(session: Session): Promise<Map<string, Version>> {
  const { repo, cache, files: index, trustedBefore, pool } = session
  const found = new Map<string, Version>()
  for (const artifact of (await findPointers(repo)).artifacts) {
    const { pointer, path, absolutePath } = artifact
    const version: Version = { pointer }
    found.set(path, version)
    if (pointer.kind === 'f') {
      const { state, oid, size } = await fileState(absolutePath, path, pointer, { index, cache, trustedBefore })
      if (state === 'modified') version.drift = { oid, size, changes: [] }
    } else {
      const { state, changes } = await directoryState(repo, artifact, {
        ...session.options,
        cache,
        pool,
        trustedBefore,
      })
      if (state === 'modified') version.drift = { size: pointer.size, changes }
    }
  }
  index.save()
  return found
}

type Found = DiffResult['artifacts'][number]

function compare(
  session: Session,
  older: Map<string, Version>,
  newer: Map<string, Version>,
  wants: (path: string) => boolean,
): Found[] {
  const entries: Found[] = []
  for (const path of [...new Set([...older.keys(), ...newer.keys()])].sort()) {
    if (!wants(path)) continue
    const before = older.get(path)
    const after = newer.get(path)
    const same = before?.pointer.oid === after?.pointer.oid && before?.pointer.kind === after?.pointer.kind
    if (same && after?.drift === undefined && !saysOtherwise(before, after)) continue
    const state = before === undefined ? 'added' : after === undefined ? 'removed' : 'modified'
    const files = filesBetween(session, before, after)
    entries.push({
      path,
      state,
      ...sides(before, after),
      ...(files === undefined ? {} : { files }),
      ...figuresBetween(before, after),
    })
  }
  return entries
}

/** By pointers alone; data that changed since has none yet. */
function figuresBetween(before: Version | undefined, after: Version | undefined): Pick<Found, 'facts' | 'sameWeights'> {
  if (before === undefined || after === undefined || after.drift !== undefined) return {}
  const [old, now] = [before.pointer.checkpoint, after.pointer.checkpoint]
  const given = [givenOf(before.pointer), givenOf(after.pointer)] as const
  const isModel = old !== undefined && now !== undefined
  if (!isModel && given.every((one) => one === undefined)) return {}
  const [one, other] = isModel ? [checkpointOf(old), checkpointOf(now)] : [undefined, undefined]
  const facts = figureChanges({ ...one, given: given[0] }, { ...other, given: given[1] })
  return { facts, ...(one?.weights !== undefined && one.weights === other?.weights ? { sameWeights: true } : {}) }
}

/** Do people say something else of the same content? */
function saysOtherwise(before: Version | undefined, after: Version | undefined): boolean {
  const [one, other] = [before, after].map((version) => version && givenOf(version.pointer))
  return !isDeepStrictEqual(one, other)
}

function sides(before: Version | undefined, after: Version | undefined): Partial<DiffEntry> {
  const oid = after?.drift === undefined ? after?.pointer.oid : after.drift.oid
  return {
    ...(before && { previousOid: before.pointer.oid, previousSize: before.pointer.size }),
    ...(oid !== undefined && { oid }),
    ...(after && { size: after.drift?.size ?? after.pointer.size }),
  }
}

/** Files inside a directory; undefined for single files, and where a tree is not in the cache. */
function filesBetween(
  session: Session,
  before: Version | undefined,
  after: Version | undefined,
): DiffEntry[] | undefined {
  if ((before ?? after)!.pointer.kind !== 'd' || (after ?? before)!.pointer.kind !== 'd') return undefined
  if (before?.pointer.oid === after?.pointer.oid) return after?.drift?.changes.map(entryOf)
  const left = before === undefined ? [] : sectionsOf(session, before)
  const right = after === undefined ? [] : sectionsOf(session, after)
  if (left === undefined || right === undefined) return undefined
  const entries = [...compareSections(left, right)].map(entryOf)
  const known = new Set(entries.map(({ path }) => path))
  return [...entries, ...(after?.drift?.changes ?? []).map(entryOf).filter(({ path }) => !known.has(path))]
}

function sectionsOf({ cache }: Session, { pointer }: Version): Section[] | undefined {
  try {
    return indexFromTree(fromHex(pointer.oid), cache.readNode).sections
  } catch (error) {
    if (isArtError(error, 'NOT_CACHED')) return undefined
    throw error
  }
}

function entryOf({ path, state, before, after }: EntryChange): DiffEntry {
  return {
    path,
    state,
    ...(before && { previousSize: before.section.records.size(before.i) }),
    ...(after && { size: after.section.records.size(after.i) }),
  }
}

/** An artifact that went in one place and came in another with the same content was renamed. */
function pairRenames(entries: Found[]): Found[] {
  const gone = new Map<string, Found[]>()
  for (const entry of entries) {
    if (entry.state === 'removed') gone.set(entry.previousOid!, [...(gone.get(entry.previousOid!) ?? []), entry])
  }
  const taken = new Set<Found>()
  const paired = entries.map((entry): Found => {
    const source = entry.state === 'added' && entry.oid !== undefined ? gone.get(entry.oid)?.pop() : undefined
    if (source === undefined) return entry
    taken.add(source)
    const { previousOid, previousSize } = source
    const { files: _, ...rest } = entry
    return {
      ...rest,
      state: 'renamed',
      previousPath: source.path,
      ...(previousOid && { previousOid }),
      ...(previousSize !== undefined && { previousSize }),
    }
  })
  return paired.filter((entry) => !taken.has(entry))
}
