import { isArtError } from '@art/core'
import { dataPathFor, isPointerPath } from '@art/core/pointer/name.ts'
import { parsePointer, type Pointer } from '@art/core/pointer/pointer.ts'
import { isRegistryFile } from '@art/registry/files/place.ts'
import { versionReference } from '@art/registry/tag/reference.ts'
import type { Failure } from '../api.ts'
import { pointersAt } from '../git/history.ts'
import { failureOf } from '../target/find.ts'
import { isGlob, typedGlob } from '../target/glob.ts'
import { repoPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import type { Session } from '../workspace/session.ts'
import { findModel, type Model, pointerModel } from './find.ts'
import type { LookPlace } from './place.ts'

/** A model that was named, or matched; by its pointer where it has one. */
export interface Pointed {
  /** Relative to the root; as it was named where art does not track it. */
  path: string
  tracked: boolean
  rev?: string
  /** The release that it is of, as it was named. */
  release?: string
  /** Named by itself: it is answered for. */
  named: boolean
  pointer?: Pointer
  model: Model
}

export interface AllPointed {
  found: Pointed[]
  failed: Failure[]
}

/**
 * What names stand for: artifacts, folders, globs, everything where there are none; files that are not tracked and `rev:path`; with `revs` what
 * matches in those revisions. Reads pointers, and no content. What cannot be found is in `failed`.
 */
export async function pointedModels(
  place: Pick<LookPlace, 'session' | 'cwd'>,
  names: readonly string[],
  revs: readonly string[] = [],
): Promise<AllPointed> {
  const { session, cwd } = place
  const all: AllPointed = { found: [], failed: [] }
  if (session !== undefined && revs.length > 0) return await inRevisions(session, names, revs)
  if (session !== undefined && names.length === 0) await resolved(session, [], all, false)
  for (const name of names) {
    // A shell's glob names these too.
    if (session !== undefined && names.length > 1 && isRegistryFile(repoPath(session.repo, name))) continue
    if (session === undefined) await single(undefined, cwd, name, undefined, all)
    else await resolved(session, [name], all, !isGlob(name))
  }
  const seen = new Set<string>()
  all.found = all.found.filter(({ rev, release, path }) => {
    const key = `${rev ?? release ?? ''}:${path}`
    return !seen.has(key) && seen.add(key)
  })
  return all
}

async function resolved(session: Session, names: readonly string[], all: AllPointed, named: boolean): Promise<void> {
  const { targets, failed } = await resolveTargets(session.repo, names)
  const [name] = names
  if (named && name !== undefined && targets.length === 0 && failed.length === 1)
    return await single(session, session.repo.cwd, name, failed[0], all)
  all.failed.push(...failed)
  for (const { artifact } of targets) {
    const { path, pointer } = artifact
    const own = named && name !== undefined && isNamed(session, name, path)
    all.found.push({
      path,
      tracked: true,
      named: own,
      pointer,
      model: pointerModel(session, { name: path, path, pointer }),
    })
  }
}

function isNamed({ repo }: Session, name: string, path: string): boolean {
  const typed = repoPath(repo, name)
  return typed === path || (isPointerPath(typed) && dataPathFor(typed) === path)
}

/** A file that art does not track, or a revision's model; `before` is what it is when it is neither. */
async function single(
  session: Session | undefined,
  cwd: string,
  name: string,
  before: Failure | undefined,
  all: AllPointed,
): Promise<void> {
  try {
    const model = await findModel(session, cwd, name)
    const { path = name, pointer } = model
    const rev = pointer !== undefined && name.includes(':') ? name.slice(0, name.indexOf(':')) : undefined
    all.found.push({
      path,
      tracked: model.path !== undefined,
      named: true,
      model,
      ...(pointer === undefined ? {} : { pointer }),
      ...(rev === undefined || model.release !== undefined ? {} : { rev }),
      ...(model.release === undefined ? {} : { release: name }),
    })
  } catch (error) {
    all.failed.push(
      before !== undefined && isArtError(error, 'NOT_FOUND') && versionReference(name) === undefined
        ? before
        : failureOf(error, name),
    )
  }
}

async function inRevisions(session: Session, names: readonly string[], revs: readonly string[]): Promise<AllPointed> {
  const { repo } = session
  const all: AllPointed = { found: [], failed: [] }
  const matchers = names.map((name) => ({ name, matches: matcher(session, name), found: false }))
  for (const rev of revs) {
    for (const { path: pointerPath, text } of await pointersAt(repo, rev)) {
      const path = dataPathFor(pointerPath)
      const matching = matchers.filter(({ matches }) => matches(path))
      if (names.length > 0 && matching.length === 0) continue
      for (const one of matching) one.found = true
      const pointer = await parsePointer(text, { path: pointerPath }).catch(() => undefined)
      if (pointer === undefined) continue
      const named = matching.some(({ name }) => !isGlob(name) && isNamed(session, name, path))
      const model = pointerModel(session, { name: `${rev}:${path}`, path, pointer, rev })
      all.found.push({ path, tracked: true, rev, named, pointer, model })
    }
  }
  for (const { name, found } of matchers) {
    if (found) continue
    const hint = 'Check the path: it is taken from the current folder.'
    all.failed.push({ path: name, code: 'NOT_TRACKED', message: `no such artifact in ${revs.join(', ')}`, hint })
  }
  return all
}

function matcher({ repo }: Session, name: string): (path: string) => boolean {
  if (isGlob(name)) {
    const pattern = typedGlob(repo.prefix, name)
    return (path) => pattern.test(path) || pattern.test(`${path}.art`)
  }
  const typed = repoPath(repo, name)
  const wanted = isPointerPath(typed) ? dataPathFor(typed) : typed
  return (path) => wanted === '' || path === wanted || path.startsWith(`${wanted}/`)
}
