import { statSync } from 'node:fs'
import { type CacheLayout, objectPath } from '../cache/layout.ts'
import { refuteObject, verifySealed } from '../cache/seal.ts'
import { ArtError } from '../error.ts'
import type { Linker } from '../link/link.ts'
import type { Oid } from '../oid.ts'

/**
 * Brings a whole object of the cache to `target`, which must not exist. Fails with `NOT_CACHED`, or with `CORRUPT` where the object is
 * not what its name says: a copy is hashed, before a link the seal decides.
 */
export function placeObject(
  layout: CacheLayout,
  { oid, size, executable }: { oid: Oid; size: number; executable: boolean },
  target: string,
  linker: Linker,
): void {
  const object = objectPath(layout, oid)
  const stat = statSync(object, { throwIfNoEntry: false })
  if (stat === undefined)
    throw new ArtError('NOT_CACHED', 'the content is not in the cache', { hint: 'Run `art pull`.' })
  if (stat.size !== size) throw refuteObject(object, oid)
  verifySealed(object, oid)
  linker.link(object, target, executable, oid)
}
