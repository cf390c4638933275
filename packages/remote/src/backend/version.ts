import { ArtError } from '@art/core'
import type { ObjectVersion } from '../object-store.ts'

/** Notes which version is read, or fails with `REMOTE_DAMAGED` where it is no longer the one noted. */
export function checkVersion(version: ObjectVersion | undefined, tag: string, size: number, key: string): void {
  if (version === undefined) return
  if (version.tag !== undefined && version.tag !== tag) throw writtenAnew(key)
  version.tag = tag
  version.size = size
}

export function writtenAnew(key: string): ArtError {
  return new ArtError('REMOTE_DAMAGED', 'the object was written anew while it was read', {
    path: key,
    hint: 'Run the command again.',
  })
}
