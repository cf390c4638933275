import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { readWholeSync } from '@art/core/fs/whole.ts'
import { mayBeModel, START_BYTES } from '@art/checkpoint/format/start.ts'

/** A FIFO without a writer must not make us wait. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** What programs load as a pickle by its name, whatever its first bytes are. */
const PICKLED = /\.(?:pth|pt2?|ckpt|bin|th|pkl|pickle|joblib|dill)$/i

export function isPickleName(path: string): boolean {
  return PICKLED.test(path)
}

/** Is a file worth looking at as a model, or a pickle? Few synchronous calls, since most are not. False where it cannot be read. */
export function looksLikeModel(path: string): boolean {
  if (isPickleName(path)) return true
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
