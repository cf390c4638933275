import { existsSync, lstatSync, rmSync, statSync } from 'node:fs'
import { ArtError, fromHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { checkoutDirectory } from '@art/core/checkout/directory.ts'
import { checkoutFile } from '@art/core/checkout/file.ts'
import { hashFile } from '@art/core/hash/hash-file.ts'
import { indexFromTree } from '@art/core/index/from-tree.ts'
import { findName, parentOf } from '@art/core/index/section.ts'
import { loadIndex, saveIndex } from '@art/core/index/store.ts'
import { Linker, type LinkType } from '@art/core/link/link.ts'
import { Progress } from '@art/core/progress.ts'
import type { CheckoutOptions, CheckoutResult, Failure } from '../api.ts'
import { loadArtIgnore } from '../ignore/artignore.ts'
import { type Artifact, failuresOf, findPointers } from '../target/find.ts'
import { assertInside } from '../target/path.ts'
import { resolveTargets, type Target } from '../target/resolve.ts'
import { deleteData } from './delete-data.ts'
import { directoryState } from './directory-state.ts'
import { fileState } from './file-state.ts'
import { directoryIndexPath } from './index-path.ts'
import type { Session } from './session.ts'
import { warnUnsafe } from './warn-unsafe.ts'
import { withoutArchived } from './out-of-the-way.ts'
import { relinkSections } from './relink.ts'
import { removeStale } from './stale.ts'
import { isUntouchedDirectory } from './untouched.ts'

/** `checkout` within a session that is open: also the second half of `pull`. */
export async function checkoutTargets(
  session: Session,
  names: readonly string[],
  given: CheckoutOptions,
): Promise<CheckoutResult> {
  const { repo } = session
  const { targets: named, failed } = await resolveTargets(repo, names, { releases: true })
  const targets = oneVersionEach(withoutArchived(repo, names, named), failed)
  const result: CheckoutResult = { added: [], modified: [], removed: [], unchanged: [], files: 0, bytes: 0, failed }
  const progress = new Progress('checkout', given)
  const options = { ...given, onEvent: progress.onEvent }
  const rest = { files: 0, bytes: 0 }
  for (const { artifact } of targets) {
    rest.files += artifact.pointer.files ?? 1
    rest.bytes += artifact.pointer.size
  }
  progress.remains(rest.files, rest.bytes)
  const linker = new Linker(repo.config.get('cache.type'))
  if (names.length === 0) await removeStale(session, (await findPointers(repo)).artifacts, options, result)
  for (const target of targets) {
    rest.files -= target.artifact.pointer.files ?? 1
    rest.bytes -= target.artifact.pointer.size
    try {
      options.signal?.throwIfAborted()
      assertInside(repo, target.artifact.path)
      const { kind } = target.artifact.pointer
      const { release } = target
      const place = release && (await import('./place-release.ts'))
      if (release !== undefined) await place!.assertReplaceable(session, release, options)
      const before = result.failed.length
      if (kind === 'f') await restoreFile(session, target.artifact, linker, options, result)
      else await restoreDirectory(session, target, linker, options, result)
      if (release !== undefined && result.failed.length === before && !options.dryRun)
        (result.pointers ??= []).push(...place!.placePointer(repo, release))
      progress.skipTo(rest.files, rest.bytes)
    } catch (error) {
      if (options.signal?.aborted) throw error
      result.failed.push(...failuresOf(repo, error, target.artifact.path))
    }
    progress.remains(rest.files, rest.bytes)
  }
  session.files.save()
  warnRefused(linker.refused, options)
  const placed = new Set([...result.added, ...result.modified])
  warnUnsafe(
    session,
    targets.flatMap(({ artifact }) => (placed.has(artifact.path) ? [artifact] : [])),
    options,
  )
  return result
}

/** A path can hold one version: where several are named, none of them is taken. */
function oneVersionEach(targets: readonly Target[], failed: Failure[]): Target[] {
  const counts = new Map<string, Set<string>>()
  for (const { artifact, release } of targets) {
    const of = counts.get(artifact.path) ?? new Set()
    counts.set(artifact.path, of.add(release?.commit ?? ''))
  }
  for (const [path, of] of counts) {
    if (of.size === 1) continue
    const hint = 'Name one, and bring the others into the cache with `art fetch`.'
    failed.push({ path, code: 'USAGE', message: `${of.size} versions of it are named`, hint })
  }
  return targets.filter(({ artifact }) => counts.get(artifact.path)!.size === 1)
}

function warnRefused(types: readonly LinkType[], { onEvent }: CheckoutOptions): void {
  for (const type of types) {
    if (type !== 'reflink')
      onEvent?.({ type: 'warning', message: `this file system allows no ${type} from the cache; files were copied` })
  }
}

async function restoreFile(
  session: Session,
  artifact: Artifact,
  linker: Linker,
  options: CheckoutOptions,
  result: CheckoutResult,
): Promise<void> {
  const { cache, files: index, trustedBefore, repo } = session
  const { path, absolutePath, pointer } = artifact
  const { state, oid, size } = await fileState(absolutePath, path, pointer, { index, cache, trustedBefore })
  if (state === 'ok' && !options.relink) return void result.unchanged.push(path)
  if (state === 'modified' && !options.force && !(await isKept(session, artifact, oid, size))) {
    result.failed.push(wouldLose(path))
    return
  }
  if (!cache.hasFile(fromHex(pointer.oid), pointer.size)) throw notCached(path)
  if (!options.dryRun) {
    if (!(await clearDirectory(session, artifact, options))) {
      result.failed.push(wouldLose(path))
      return
    }
    checkoutFile(
      absolutePath,
      { oid: pointer.oid, size: pointer.size, executable: pointer.executable ?? false },
      { cache, linker, temporary: repo.tmpDir },
    )
    index.settle(path, statSync(absolutePath), fromHex(pointer.oid), 0n, session.trustedNow())
    options.onEvent?.({ type: 'progress', phase: 'checkout', files: 1, bytes: pointer.size })
  }
  result[state === 'missing' ? 'added' : state === 'ok' ? 'unchanged' : 'modified'].push(path)
  result.files++
  result.bytes += pointer.size
}

function notCached(path: string): ArtError {
  return new ArtError('NOT_CACHED', 'the content is not in the cache', { path, hint: 'Run `art pull`.' })
}

function wouldLose(path: string): Failure {
  return {
    path,
    code: 'WOULD_OVERWRITE',
    message: 'what is there now is not in the cache and would be lost',
    hint: 'Keep it with `art add` on the branch it belongs to, or lose it with `art checkout --force`.',
  }
}

/** Can what is in the way be had again from the cache? */
async function isKept(
  session: Session,
  { absolutePath, path }: Artifact,
  oid: string | undefined,
  size: number,
): Promise<boolean> {
  const stat = lstatSync(absolutePath, { throwIfNoEntry: false })
  if (stat?.isDirectory()) return await isUntouchedDirectory(session, path)
  if (!statSync(absolutePath, { throwIfNoEntry: false })?.isFile()) return false
  return session.cache.hasFile(oid === undefined ? hashFile(absolutePath) : fromHex(oid), size)
}

/** Makes room for a file where a directory is; false where that holds what `.artignore` left out. */
async function clearDirectory(
  { repo, files }: Session,
  artifact: Artifact,
  { force }: CheckoutOptions,
): Promise<boolean> {
  const { absolutePath, path } = artifact
  if (!lstatSync(absolutePath, { throwIfNoEntry: false })?.isDirectory()) return true
  if (force) rmSync(absolutePath, { recursive: true })
  else await deleteData(repo, artifact)
  if (existsSync(absolutePath)) return false
  rmSync(directoryIndexPath(repo, path), { force: true })
  files.delete(path)
  return true
}

async function restoreDirectory(
  session: Session,
  { artifact, inside }: Target,
  linker: Linker,
  options: CheckoutOptions,
  result: CheckoutResult,
): Promise<void> {
  const { repo, cache, pool, trustedBefore } = session
  const { path, absolutePath, pointer } = artifact
  const indexPath = directoryIndexPath(repo, path)
  const root = fromHex(pointer.oid)
  if (inside !== undefined) assertHolds(root, cache, path, inside)
  const there = lstatSync(absolutePath, { throwIfNoEntry: false })
  const present = there !== undefined
  if (there !== undefined && !there.isDirectory()) {
    if (!options.force && !(await isKept(session, artifact, undefined, there.size))) {
      result.failed.push(wouldLose(path))
      return
    }
    if (options.dryRun) return void result.modified.push(path)
    if (!cache.hasNode(root)) throw notCached(path)
    rmSync(absolutePath)
  } else if (present && !options.relink) {
    const { state } = await directoryState(repo, artifact, {
      ...options,
      onEvent: undefined,
      cache,
      pool,
      trustedBefore,
    })
    if (state === 'ok') return void result.unchanged.push(path)
  }
  const known = loadIndex(indexPath)
  const done = await checkoutDirectory(absolutePath, root, {
    ...options,
    cache,
    pool: await pool({ files: pointer.files ?? 0, bytes: pointer.size }),
    links: repo.config.get('cache.type'),
    known,
    trustedBefore,
    temporary: repo.tmpDir,
    ignores: await loadArtIgnore(repo, path),
    inside,
  })
  for (const failure of done.failures) result.failed.push(...failuresOf(repo, failure, path))
  warnRefused(done.refusedLinks, options)
  if (options.relink && !options.dryRun) relinkSections(session, absolutePath, done.sections, linker, { inside })
  result.files += done.added + done.modified
  result.bytes += done.bytes
  if (!options.dryRun) {
    const { sections } = done
    const { seed } = known?.decoded ?? {}
    saveIndex(indexPath, { root, files: pointer.files ?? 0, bytes: pointer.size, sections, seed }, session.trustedNow())
    session.files.noteDirectory(path)
  }
  if (done.failures.length > 0) return
  const changed = done.added + done.modified + done.removed > 0
  result[present ? (changed ? 'modified' : 'unchanged') : 'added'].push(path)
}

/** Fails with `NOT_FOUND` where the tree has nothing of that name. */
function assertHolds(root: Uint8Array, cache: Cache, path: string, inside: string): void {
  const { sections } = indexFromTree(root, cache.readNode)
  const folder = parentOf(inside)
  const name = inside.slice(folder === '' ? 0 : folder.length + 1)
  const names = sections.find((section) => section.path === folder)?.names ?? []
  if (findName(names, name) >= 0) return
  throw new ArtError('NOT_FOUND', `${path} holds nothing of this name`, {
    path: `${path}/${inside}`,
    hint: `Name something in ${path}, or ${path} itself.`,
  })
}
