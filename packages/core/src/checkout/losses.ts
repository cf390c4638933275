import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../cache/cache.ts'
import { ArtError } from '../error.ts'
import { hashFile } from '../hash/hash-file.ts'
import type { EntryChange } from '../index/compare.ts'
import { parentOf } from '../index/section.ts'

/** What `.artignore` files leave out; paths relative to the directory. */
export type Ignores = (path: string, isFolder: boolean) => boolean

/** Paths where a tree has an entry and the workspace one that is ignored, so that the scan did not see it. */
export function hiddenPaths(
  directory: string,
  changes: readonly EntryChange[],
  ignores: Ignores | undefined,
): Set<string> {
  const hidden = new Set<string>()
  if (ignores === undefined) return hidden
  const ignoredFolders = new Map<string, boolean>([['', false]])
  const isIgnoredFolder = (path: string): boolean => {
    let ignored = ignoredFolders.get(path)
    if (ignored === undefined) {
      ignored = isIgnoredFolder(parentOf(path)) || ignores(path, true)
      ignoredFolders.set(path, ignored)
    }
    return ignored
  }
  for (const { path, before } of changes) {
    if (before !== undefined) continue
    if (!isIgnoredFolder(parentOf(path)) && !ignores(path, false)) continue
    if (lstatSync(join(directory, path), { throwIfNoEntry: false }) !== undefined) hidden.add(path)
  }
  return hidden
}

/** Fails with `WOULD_OVERWRITE`, naming every path, where a change would destroy content that the cache does not hold. */
export function refuseLosses(
  directory: string,
  changes: readonly EntryChange[],
  hidden: ReadonlySet<string>,
  cache: Cache,
): void {
  const lost = changes.filter(({ path, before }) => {
    if (before !== undefined) {
      const { records } = before.section
      return !cache.hasFile(records.oid(before.i), records.size(before.i))
    }
    return hidden.has(path) && !isKept(join(directory, path), cache)
  })
  if (lost.length === 0) return
  throw new ArtError('WOULD_OVERWRITE', `${lost.length} changed or new files are not in the cache and would be lost`, {
    path: directory,
    hint: 'Keep them with `art add` on the branch they belong to, or lose them with `art checkout --force`.',
    details: lost.map(({ path }) => ({ path: join(directory, path), message: 'not in the cache' })),
  })
}

function isKept(path: string, cache: Cache): boolean {
  const stat = lstatSync(path)
  return stat.isFile() && cache.hasFile(hashFile(path), stat.size)
}
