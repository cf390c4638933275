import { chmodSync, statSync, utimesSync } from 'node:fs'
import { ArtError } from '../error.ts'
import { hashFile } from '../hash/hash-file.ts'
import { type Oid, toHex } from '../oid.ts'

/**
 * Every whole object has this mtime (2001-09-09, in seconds): a write through a link or by hand changes it, so an object that is
 * still sealed need not be read again before it is linked. Read-only modes are no seal: root writes anyway, and so does chmod.
 */
export const SEAL_SECONDS = 1_000_000_000

export function seal(path: string): void {
  utimesSync(path, SEAL_SECONDS, SEAL_SECONDS)
  chmodSync(path, 0o444)
}

export function isSealed(mtimeMs: number): boolean {
  return mtimeMs === SEAL_SECONDS * 1000
}

/** Makes sure that an object is what its name says, reading it only where its seal is broken. Throws `CORRUPT`. */
export function verifySealed(path: string, oid: Oid): void {
  if (isSealed(statSync(path).mtimeMs)) return
  if (toHex(hashFile(path)) !== oid) throw damagedObject(path, oid)
  seal(path)
}

export function damagedObject(path: string, oid: Oid): ArtError {
  return new ArtError('CORRUPT', `cached object ${oid} is damaged`, {
    path,
    hint: 'Delete it and run `art fetch`, or add the file again.',
  })
}
