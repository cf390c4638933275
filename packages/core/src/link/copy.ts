import { createHash } from 'node:crypto'
import { closeSync, constants, copyFileSync, fstatSync, openSync, readSync } from 'node:fs'
import { refuteObject, noteVerified, wasVerified } from '../cache/seal.ts'
import { fromSystemError } from '../error.ts'
import { writeWholeSync } from '../fs/whole.ts'
import type { Oid } from '../oid.ts'

const BLOCK = 256 << 10

/**
 * Copies a whole object to `target`, which must not exist, and hashes what it copies, unless this process has hashed it before. Throws
 * `CORRUPT` where it is not what its name says, and leaves the removal of `target` to the caller.
 */
export function copyVerified(object: string, target: string, oid: Oid): void {
  const from = open(object)
  try {
    const stat = fstatSync(from)
    if (wasVerified(object, stat)) return copyFileSync(object, target, constants.COPYFILE_EXCL)
    const to = openSync(target, 'wx')
    try {
      if (copyHashed(from, to) !== oid) throw refuteObject(object, oid)
    } finally {
      closeSync(to)
    }
    noteVerified(object, stat)
  } finally {
    closeSync(from)
  }
}

/** An error about the object must not look like one about the target. */
function open(object: string): number {
  try {
    return openSync(object, 'r')
  } catch (error) {
    throw fromSystemError(error, object)
  }
}

function copyHashed(from: number, to: number): Oid {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafeSlow(BLOCK)
  for (;;) {
    const got = readSync(from, block, 0, BLOCK, null)
    if (got === 0) return hash.digest('hex')
    const bytes = block.subarray(0, got)
    hash.update(bytes)
    writeWholeSync(to, bytes)
  }
}
