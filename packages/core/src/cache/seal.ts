import { chmodSync, type Stats, statSync, utimesSync } from 'node:fs'
import { ArtError, isArtError } from '../error.ts'
import { hashFile } from '../hash/hash-file.ts'
import { type Oid, toHex } from '../oid.ts'

/**
 * Every whole object and every pack has this mtime (2001-09-09, in seconds): a write through a link or by hand changes it, so one that
 * is still sealed need not be read again before it is relied on. Read-only modes are no seal: root writes anyway, and so does chmod.
 */
export const SEAL_SECONDS = 1_000_000_000

export function seal(path: string): void {
  utimesSync(path, SEAL_SECONDS, SEAL_SECONDS)
  chmodSync(path, 0o444)
}

export function isSealed(mtimeMs: number): boolean {
  return mtimeMs === SEAL_SECONDS * 1000
}

/** Objects that this process has hashed, and what their stat then was. */
const verified = new Map<string, string>()

/** `stat` was taken before the object was hashed, or while nobody else knew its name. */
export function noteVerified(path: string, stat: Stats): void {
  verified.set(path, stateOf(stat))
}

/** Has this process hashed the object, and was it not touched since? */
export function wasVerified(path: string, stat: Stats): boolean {
  return isSealed(stat.mtimeMs) && verified.get(path) === stateOf(stat)
}

/** Any change of an inode sets its ctime, which nobody can set back. */
function stateOf({ dev, ino, size, ctimeMs }: Stats): string {
  return `${dev} ${ino} ${size} ${ctimeMs}`
}

/** Makes sure that an object is what its name says, reading it only where its seal is broken. Throws `CORRUPT`. */
export function verifySealed(path: string, oid: Oid): void {
  if (isSealed(statSync(path).mtimeMs)) return
  if (toHex(hashFile(path)) !== oid) throw refuteObject(path, oid)
  try {
    seal(path)
  } catch {
    // A cache that cannot be written to: the object is read again next time.
  }
}

/** Is the object what its name says? Read only where its seal is broken. */
export function isIntact(path: string, oid: Oid): boolean {
  try {
    verifySealed(path, oid)
    return true
  } catch (error) {
    if (isArtError(error, 'CORRUPT')) return false
    throw error
  }
}

/** True of whatever counts as absent once it has turned out to be damaged. */
export const HEAL = 'Run `art pull` if the remote has it, or `art add` where the data is whole.'

/** The error of an object that is not what its name says. It loses its seal, and so counts as absent until it is whole again. */
export function refuteObject(path: string, oid: Oid): ArtError {
  return new ArtError('CORRUPT', `cached object ${oid} is damaged`, {
    path,
    hint: breakSeal(path) ? HEAL : `Move it away. ${HEAL}`,
  })
}

function breakSeal(path: string): boolean {
  try {
    if (isSealed(statSync(path).mtimeMs)) utimesSync(path, new Date(), new Date())
    return true
  } catch {
    return false
  }
}
