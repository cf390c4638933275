import { lstatSync, rmSync, statSync } from 'node:fs'
import { fromHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { checkoutDirectory } from '@art/core/checkout/directory.ts'
import { checkoutFile } from '@art/core/checkout/file.ts'
import { hashFile } from '@art/core/hash/hash-file.ts'
import { loadIndex, saveIndex } from '@art/core/index/store.ts'
import { Linker, type LinkType } from '@art/core/link/link.ts'
import type { CheckoutOptions, CheckoutResult, Failure } from '../api.ts'
import { loadArtIgnore } from '../ignore/artignore.ts'
import { type Artifact, failuresOf, findPointers } from '../target/find.ts'
import { assertInside } from '../target/path.ts'
import { resolveTargets, type Target } from '../target/resolve.ts'
import { directoryState } from './directory-state.ts'
import { fileState } from './file-state.ts'
import { directoryIndexPath } from './index-path.ts'
import type { Session } from './session.ts'
import { removeStale } from './stale.ts'

/** `checkout` within a session that is open: also the second half of `pull`. */
export async function checkoutTargets(
  session: Session,
  names: readonly string[],
  options: CheckoutOptions,
): Promise<CheckoutResult> {
  const { repo } = session
  const { targets, failed } = await resolveTargets(repo, names)
  const result: CheckoutResult = { added: [], modified: [], removed: [], unchanged: [], files: 0, bytes: 0, failed }
  options.onEvent?.({ type: 'phase', phase: 'checkout' })
  const linker = new Linker(repo.config.get('cache.type'))
  if (names.length === 0) removeStale(session, (await findPointers(repo)).artifacts, options, result)
  for (const target of targets) {
    try {
      options.signal?.throwIfAborted()
      assertInside(repo, target.artifact.path)
      const { kind } = target.artifact.pointer
      if (kind === 'f') await restoreFile(session, target.artifact, linker, options, result)
      else await restoreDirectory(session, target, options, result)
    } catch (error) {
      if (options.signal?.aborted) throw error
      result.failed.push(...failuresOf(repo, error, target.artifact.path))
    }
  }
  session.files.save()
  warnRefused(linker.refused, options)
  return result
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
  if (state === 'modified' && !options.force && !isKept(absolutePath, oid, size, cache)) {
    result.failed.push(wouldLose(path))
    return
  }
  if (!cache.hasFile(fromHex(pointer.oid), pointer.size)) {
    result.failed.push({
      path,
      code: 'NOT_CACHED',
      message: 'the content is not in the cache',
      hint: 'Run `art pull`.',
    })
    return
  }
  if (!options.dryRun) {
    if (state === 'modified' && lstatSync(absolutePath).isDirectory()) rmSync(absolutePath, { recursive: true })
    checkoutFile(
      absolutePath,
      { oid: pointer.oid, size: pointer.size, executable: pointer.executable ?? false },
      { cache, linker, temporary: repo.tmpDir },
    )
    index.set(path, statSync(absolutePath), fromHex(pointer.oid), 0n, session.trustedNow())
    options.onEvent?.({ type: 'progress', phase: 'checkout', files: 1, bytes: pointer.size })
  }
  result[state === 'missing' ? 'added' : state === 'ok' ? 'unchanged' : 'modified'].push(path)
  result.files++
  result.bytes += pointer.size
}

function wouldLose(path: string): Failure {
  return {
    path,
    code: 'WOULD_OVERWRITE',
    message: 'what is there now is not in the cache and would be lost',
    hint: 'Run `art add` to keep it, or repeat with --force to lose it.',
  }
}

/** Can what is in the way be had again from the cache? */
function isKept(absolute: string, oid: string | undefined, size: number, cache: Cache): boolean {
  if (!statSync(absolute, { throwIfNoEntry: false })?.isFile()) return false
  return cache.hasFile(oid === undefined ? hashFile(absolute) : fromHex(oid), size)
}

async function restoreDirectory(
  session: Session,
  { artifact, inside }: Target,
  options: CheckoutOptions,
  result: CheckoutResult,
): Promise<void> {
  const { repo, cache, pool, trustedBefore } = session
  const { path, absolutePath, pointer } = artifact
  const indexPath = directoryIndexPath(repo, path)
  const present = lstatSync(absolutePath, { throwIfNoEntry: false }) !== undefined
  if (present && !options.relink) {
    const { state } = await directoryState(repo, artifact, {
      ...options,
      onEvent: undefined,
      cache,
      pool,
      trustedBefore,
    })
    if (state === 'ok') return void result.unchanged.push(path)
  }
  const root = fromHex(pointer.oid)
  const done = await checkoutDirectory(absolutePath, root, {
    ...options,
    cache,
    pool: await pool({ files: pointer.files ?? 0, bytes: pointer.size }),
    links: repo.config.get('cache.type'),
    known: loadIndex(indexPath),
    trustedBefore,
    temporary: repo.tmpDir,
    ignores: await loadArtIgnore(repo, path),
    inside,
  })
  for (const failure of done.failures) result.failed.push(...failuresOf(repo, failure, path))
  warnRefused(done.refusedLinks, options)
  result.files += done.added + done.modified
  result.bytes += done.bytes
  if (!options.dryRun) {
    saveIndex(
      indexPath,
      { root, files: pointer.files ?? 0, bytes: pointer.size, sections: done.sections },
      session.trustedNow(),
    )
    session.files.noteDirectory(path)
  }
  const changed = done.added + done.modified + done.removed > 0
  result[present ? (changed ? 'modified' : 'unchanged') : 'added'].push(path)
}
