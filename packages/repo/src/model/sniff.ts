import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { readWholeSync } from '@art/core/fs/whole.ts'
import { mayBeModel, START_BYTES } from '@art/checkpoint/format/start.ts'

/** A FIFO without a writer must not make us wait. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Is a file worth looking at as a model? Three synchronous calls, since most are not. False where it cannot be read. */
export function looksLikeModel(path: string): boolean {
  let fd: number | undefined
  try {
    fd = openSync(path, FLAGS)
    if (!fstatSync(fd).isFile()) return false
    const start = Buffer.alloc(START_BYTES)
    return mayBeModel(start.subarray(0, readWholeSync(fd, start, 0)))
  } catch {
    return false
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
