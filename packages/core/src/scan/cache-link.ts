import { readlinkSync, type Stats, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type CacheLayout, LARGE_FILE, objectPath } from '../cache/layout.ts'
import { isSealed, verifySealed } from '../cache/seal.ts'
import { isOid, type Oid, toHex } from '../oid.ts'

/** The object that a symbolic link of a checkout points to. Fails with `CORRUPT` where something was written through the link. */
export function symlinkedObject(layout: CacheLayout, path: string): { oid: Oid; size: number } | undefined {
  const target = readlinkSync(path)
  if (!target.startsWith(layout.objects)) return undefined
  const oid = relative(layout.objects, target).replaceAll(/[\\/]/g, '')
  if (!isOid(oid) || join(target) !== objectPath(layout, oid)) return undefined
  const stat = statSync(target, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  verifySealed(target, oid)
  return { oid, size: stat.size }
}

/**
 * Is a file a hard link to the object of the oid that it had, and was nothing written through it? Each link that is made or removed sets
 * the ctime of all of them, so the inode decides.
 */
export function isHardLinked(layout: CacheLayout, stat: Stats, id: Uint8Array): boolean {
  if (stat.nlink < 2 || stat.size < LARGE_FILE || !isSealed(stat.mtimeMs)) return false
  const object = statSync(objectPath(layout, toHex(id)), { throwIfNoEntry: false })
  return object !== undefined && object.ino === stat.ino && object.dev === stat.dev
}
