import { lstat, opendir } from 'node:fs/promises'
import path from 'node:path'
import { interrupted } from '../../decorate/limit.ts'
import { canBeginKey } from '../../key.ts'
import type { ObjectInfo } from '../../object-store.ts'
import { TEMPORARY } from './write.ts'

/** Names read from a folder at a time: their stats run side by side. */
const BATCH = 64

/** Every file below `root` whose key starts with `prefix`. Symbolic links are not followed, and are no objects. */
export async function* walk(root: string, prefix: string, signal: AbortSignal | undefined): AsyncGenerator<ObjectInfo> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  if (!canBeginKey(prefix)) return
  yield* walkFolder(root, folder, prefix, signal)
}

async function* walkFolder(
  root: string,
  folder: string,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectInfo> {
  const place = path.join(root, folder)
  if (folder !== '' && !(await isRealFolder(root, folder))) return
  let files: string[] = []
  for await (const entry of await opendir(place, { bufferSize: 256 })) {
    if (signal?.aborted) throw interrupted(signal)
    const key = folder + entry.name
    if (key === TEMPORARY) continue
    if (entry.isDirectory() && (key.startsWith(prefix) || prefix.startsWith(`${key}/`))) {
      yield* walkFolder(root, `${key}/`, prefix, signal)
    } else if (entry.isFile() && key.startsWith(prefix)) {
      files.push(key)
      if (files.length < BATCH) continue
      yield* await infos(root, files)
      files = []
    }
  }
  yield* await infos(root, files)
}

async function isRealFolder(root: string, folder: string): Promise<boolean> {
  let place = root
  for (const segment of folder.split('/')) {
    if (segment === '') continue
    place = path.join(place, segment)
    const stat = await lstat(place).catch(absentIsUndefined)
    if (!stat?.isDirectory()) return false
  }
  return true
}

async function infos(root: string, keys: string[]): Promise<ObjectInfo[]> {
  const stats = await Promise.all(keys.map((key) => lstat(path.join(root, key)).catch(absentIsUndefined)))
  // What vanished since its folder was read has been deleted.
  return stats.flatMap((stat, index) =>
    stat?.isFile() ? [{ key: keys[index]!, size: stat.size, modified: stat.mtime }] : [],
  )
}

function absentIsUndefined(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
