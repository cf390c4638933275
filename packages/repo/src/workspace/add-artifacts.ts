import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { fromHex, toHex } from '@art/core'
import { listed } from '@art/core/listed.ts'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { hashFile } from '@art/core/hash/hash-file.ts'
import { dataPathFor, isPointerPath, pointerPathFor } from '@art/core/pointer/name.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { serializePointer } from '@art/core/pointer/serialize.ts'
import { Progress } from '@art/core/progress.ts'
import { portabilityWarnings } from '@art/core/scan/portability.ts'
import { hashDirectory } from '@art/core/scan/store-directory.ts'
import { FileStore } from '@art/core/scan/store-file.ts'
import { sortNames } from '@art/core/tree/names.ts'
import type { AddedArtifact, AddOptions, AddResult } from '../api.ts'
import { stageForUser } from '../git/staging.ts'
import { ensureIgnored } from '../ignore/gitignore.ts'
import { giveFacts } from '../model/give-facts.ts'
import { givenOf } from '../model/given-facts.ts'
import { failureOf, failuresOf, pointerTextAt } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import { resolveTargets } from '../target/resolve.ts'
import type { Repo } from '../open.ts'
import { pathsToAdd } from './add-paths.ts'
import { addedOf } from './added.ts'
import { withLock } from './lock.ts'
import { relinkFile } from './relink.ts'
import { type Session, withSession } from './session.ts'
import { readPointer, scanOptions, type Stored, storeFile, storeFolder } from './store-artifact.ts'
import { artifactStatus } from './artifact-status.ts'

/** Puts data into the cache, then writes its pointer and hides it from git. A path that fails leaves its pointer as it was. */
export async function addArtifacts(repo: Repo, names: readonly string[], options: AddOptions = {}): Promise<AddResult> {
  return await withLock(repo, () =>
    withSession(repo, options, async (session) => {
      const { paths, failed } = await (options.update
        ? modifiedPaths(session, names)
        : pathsToAdd(repo, names, options))
      const result: AddResult = { added: [], failed, gitPaths: [], staged: false }
      if (options.dryRun) {
        for (const path of paths) {
          try {
            result.added.push(await previewOf(session, path, options))
          } catch (error) {
            result.failed.push(...failuresOf(repo, error, path))
          }
        }
        return result
      }
      session.cache.collectTemporaries()
      const stored = await storeAll(session, paths, options, result)
      const touched: string[] = []
      for (const one of stored) {
        try {
          result.added.push(await publish(session, one, options, touched))
        } catch (error) {
          result.failed.push(...failuresOf(repo, error, one.path))
        }
      }
      confirm(session, stored, options, result)
      warnOfNames(session, result, options)
      session.files.save()
      return { ...result, ...(await stageForUser(repo, touched)) }
    }),
  )
}

async function modifiedPaths(
  session: Session,
  names: readonly string[],
): Promise<Pick<AddResult, 'failed'> & { paths: string[] }> {
  const { targets, failed } = await resolveTargets(session.repo, names)
  const paths: string[] = []
  for (const { artifact } of targets) {
    try {
      const { state, outdated, absent } = await artifactStatus(session, artifact)
      const lacks = state === 'not-in-cache' && absent === undefined && existsSync(artifact.absolutePath)
      if ((state === 'modified' && !outdated) || lacks) paths.push(artifact.path)
    } catch (error) {
      failed.push(failureOf(error, artifact.path))
    }
  }
  return { paths, failed }
}

async function previewOf(session: Session, path: string, options: AddOptions): Promise<AddedArtifact> {
  const { repo } = session
  const pointer = pointerPathFor(path)
  const before = await readPointer(repo, pointer)
  const now = isAway(session, path) && before !== undefined ? before : await contentOf(session, path, options)
  const { oid, size, files } = now
  const next: Pointer = { path, kind: before?.kind ?? 'f', oid, size, ...(files === undefined ? {} : { files }) }
  giveFacts(next, before, options.facts)
  const isSame = before?.oid === oid && isDeepStrictEqual(givenOf(next), givenOf(before))
  return addedOf(path, next, before === undefined ? 'added' : isSame ? 'unchanged' : 'updated')
}

async function contentOf(
  session: Session,
  path: string,
  options: AddOptions,
): Promise<Pick<AddedArtifact, 'oid' | 'size' | 'files'>> {
  const absolute = join(session.repo.root, path)
  const stat = statSync(absolute)
  if (!stat.isDirectory()) return { oid: toHex(hashFile(absolute)), size: stat.size }
  const { oid, size, files } = await hashDirectory(absolute, await scanOptions(session, path, options))
  return { oid: toHex(oid), size, files }
}

async function storeAll(
  session: Session,
  paths: readonly string[],
  given: AddOptions,
  result: AddResult,
): Promise<Stored[]> {
  const { repo } = session
  const progress = new Progress('add', given)
  const options = { ...given, onEvent: progress.onEvent }
  expectFiles(repo, paths, progress)
  const files = new FileStore(session.cache)
  const stored: Stored[] = []
  for (const path of paths) {
    try {
      options.signal?.throwIfAborted()
      const away = isAway(session, path) ? await readPointer(repo, pointerPathFor(path)) : undefined
      if (away !== undefined) {
        stored.push({ path, pointer: away, mayBeModel: false, isAway: true, noteIndex: () => undefined })
        continue
      }
      const folder = statSync(join(repo.root, path)).isDirectory()
      if (folder) stored.push(await storeFolder(session, path, options))
      else stored.push(await storeFile(session, files, path, options, progress))
    } catch (error) {
      if (options.signal?.aborted) {
        files.abandon()
        throw error
      }
      result.failed.push(...failuresOf(repo, error, path))
    }
  }
  await files.finish()
  progress.remains()
  const candidates = stored.filter(({ mayBeModel }) => mayBeModel)
  if (candidates.length > 0) await (await import('../model/add-facts.ts')).addFacts(session, candidates, given)
  return stored
}

/** Data that is not in the workspace: facts can be given to its pointer all the same. */
function isAway({ repo }: Session, path: string): boolean {
  return lstatSync(join(repo.root, path), { throwIfNoEntry: false }) === undefined
}

/** How much there is to read is known beforehand of files only. */
function expectFiles({ root }: Repo, paths: readonly string[], progress: Progress): void {
  try {
    const stats = paths.map((path) => statSync(join(root, path)))
    if (stats.every((stat) => stat.isFile())) {
      return progress.remains(
        stats.length,
        stats.reduce((sum, { size }) => sum + size, 0),
      )
    }
  } catch {
    // Whoever reads it says what is wrong.
  }
  progress.onEvent({ type: 'phase', phase: 'add' })
}

async function publish(
  { repo }: Session,
  { path, pointer: stored }: Stored,
  { facts, made, onEvent }: AddOptions,
  touched: string[],
): Promise<AddedArtifact> {
  const pointerPath = pointerPathFor(path)
  const absolute = join(repo.root, pointerPath)
  const previous = pointerTextAt(repo, pointerPath)
  const before = previous === undefined ? undefined : await readPointer(repo, pointerPath)
  const pointer = made === undefined ? { ...stored } : { ...stored, origin: made.origin }
  const dropped = giveFacts(pointer, before, facts, made)
  const text = await serializePointer(pointer, before === undefined ? undefined : previous)
  const changed = text !== previous?.replaceAll('\r\n', '\n')
  if (changed) {
    atomicWriteSync(absolute, text, { staging: repo.tmpDir })
    touched.push(pointerPath)
  }
  if (dropped.length > 0) {
    const why = made === undefined ? 'its content changed' : 'it was made anew'
    const message = `${why}, so metrics that were given by hand are dropped: ${listed(dropped)}`
    onEvent?.({ type: 'warning', message, path: typedPath(repo, path) })
  }
  const ignore = ensureIgnored(repo, path)
  if (ignore !== undefined) touched.push(ignore)
  const state = before === undefined ? 'added' : changed ? 'updated' : 'unchanged'
  return addedOf(path, pointer, state)
}

/** A collection of the cache may have run before the pointers were there to hold their content, so it is looked for once more. */
function confirm(
  { cache, repo, files }: Session,
  stored: readonly Stored[],
  options: AddOptions,
  result: AddResult,
): void {
  cache.reload()
  for (const { path, pointer, isAway: away, noteIndex } of stored) {
    if (away) continue
    const oid = fromHex(pointer.oid)
    if (pointer.kind === 'f' ? cache.hasFile(oid, pointer.size) : cache.hasNode(oid)) {
      noteIndex()
      if (pointer.kind === 'f') relinkFile({ cache, repo, files }, path, pointer, options)
      continue
    }
    const hint = 'Run the command again: something else is cleaning the cache.'
    result.failed.push({ path, code: 'NOT_CACHED', message: 'the content vanished from the cache', hint })
  }
}

/** Names that another system cannot have, or cannot have beside another artifact of the same folder. */
function warnOfNames({ repo }: Session, { added }: AddResult, { onEvent }: AddOptions): void {
  const folders = new Map<string, string[]>()
  for (const { path } of added) {
    const folder = posix.dirname(path)
    if (folders.has(folder)) continue
    const pointers = readdirSync(join(repo.root, folder)).filter(isPointerPath)
    folders.set(folder, sortNames(pointers.map(dataPathFor)))
  }
  const fresh = new Set(added.filter(({ state }) => state === 'added').map(({ path }) => path))
  for (const [folder, names] of folders) {
    for (const { path: name, message } of portabilityWarnings([{ path: '', names }])) {
      const path = folder === '.' ? name : `${folder}/${name}`
      if (fresh.has(path) || message.startsWith('differs'))
        onEvent?.({ type: 'warning', message, path: typedPath(repo, path) })
    }
  }
}
