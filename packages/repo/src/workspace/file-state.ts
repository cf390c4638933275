import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { fromHex, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { LARGE_FILE, objectPath } from '@art/core/cache/layout.ts'
import { isSealed } from '@art/core/cache/seal.ts'
import { hashFile } from '@art/core/hash/hash-file.ts'
import { flag, isExecutable } from '@art/core/index/record.ts'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { FileIndex, KnownFile } from './file-index.ts'

export interface FileState {
  state: 'ok' | 'modified' | 'missing'
  /** The content's oid where it had to be found out, or was known. */
  oid?: string
  size: number
}

/** Compares a file with its pointer: by stat where the index can be trusted, else by size, and only then by reading it. */
export async function fileState(
  absolute: string,
  path: string,
  pointer: Pointer,
  place: { index: FileIndex; cache: Cache; trustedBefore: number },
): Promise<FileState> {
  const stat = lstatSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined) return { state: 'missing', size: 0 }
  if (stat.isSymbolicLink() && leadsToObject(absolute, objectPath(place.cache.layout, pointer.oid))) {
    return { state: 'ok', oid: pointer.oid, size: pointer.size }
  }
  const real = stat.isSymbolicLink() ? statSync(absolute, { throwIfNoEntry: false }) : stat
  if (real === undefined) return { state: 'missing', size: 0 }
  if (!real.isFile()) return { state: 'modified', size: real.size }
  const known = place.index.get(path)
  const executable = isExecutable(real) === (pointer.executable ?? false) || process.platform === 'win32'
  const oid = knownOid(known, real) ?? linkedOid(real, pointer, place.cache)
  if (oid !== undefined) return { state: oid === pointer.oid && executable ? 'ok' : 'modified', oid, size: real.size }
  if (real.size !== pointer.size) return { state: 'modified', size: real.size }
  const found = await contentOid(absolute, real, known, place.index)
  place.index.set(path, real, fromHex(found.oid), found.quickHash, place.trustedBefore)
  return { state: found.oid === pointer.oid && executable ? 'ok' : 'modified', oid: found.oid, size: real.size }
}

/** A link to the object, which nobody has written to since. */
function leadsToObject(link: string, object: string): boolean {
  return readlinkSync(link) === object && isSealed(statSync(object, { throwIfNoEntry: false })?.mtimeMs ?? 0)
}

/** The oid that the index vouches for: the stat is the one it had, and was no race. */
export function knownOid(known: KnownFile | undefined, stat: Stats): string | undefined {
  if (known === undefined) return undefined
  const { records, i } = known
  const trusted = (records.flags(i) & (flag.stat | flag.racy)) === flag.stat && records.sameStat(i, stat)
  return trusted ? toHex(records.oid(i)) : undefined
}

/** A hard link to a cache object: linking changes its ctime each time, so the inode decides, and the object's seal. */
function linkedOid(stat: Stats, pointer: Pointer, cache: Cache): string | undefined {
  if (stat.nlink < 2 || stat.size < LARGE_FILE || !isSealed(stat.mtimeMs)) return undefined
  const object = statSync(objectPath(cache.layout, pointer.oid), { throwIfNoEntry: false })
  return object !== undefined && object.ino === stat.ino && object.dev === stat.dev ? pointer.oid : undefined
}

async function contentOid(
  path: string,
  stat: Stats,
  known: KnownFile | undefined,
  index: FileIndex,
): Promise<{ oid: string; quickHash: bigint }> {
  const quick = known?.records.quickHash(known.i) ?? 0n
  if (known !== undefined && quick !== 0n && known.records.size(known.i) === stat.size) {
    const { quickHashFile } = await import('@art/core/hash/quick-hash.ts')
    if ((await quickHashFile(path, index.seed)) === quick)
      return { oid: toHex(known.records.oid(known.i)), quickHash: quick }
  }
  return { oid: toHex(hashFile(path)), quickHash: 0n }
}
