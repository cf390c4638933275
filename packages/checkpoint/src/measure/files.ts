import { closeSync, constants, openSync, readSync } from 'node:fs'
import { fromSystemError } from '@art/core'
import { changedWhileRead } from '@art/core/fs/refusal.ts'

/** A FIFO without a writer must not make us wait. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

const BUFFER = 256 << 10

/** Reads of fewer bytes that follow one another closely are served from one of `AHEAD`: a file can have a hundred thousand tensors of a few bytes. */
const SMALL = 4 << 10
const AHEAD = 64 << 10

/** The bytes are valid until the next read. Fails with `CHANGED_WHILE_READ` where the file ends before. */
export type ReadFile = (path: string, offset: number, length: number) => Uint8Array

/** Gives `use` a synchronous reader that keeps each file open, and one buffer for all, until it is done. */
export function withFiles<T>(use: (read: ReadFile) => T): T {
  const files = new Map<string, number>()
  let buffer = Buffer.alloc(0)
  /** What the buffer holds, and where the last read ended. */
  let held = { path: '', start: 0, end: 0, last: -1 }
  const read: ReadFile = (path, offset, length) => {
    const isNext = path === held.path && offset >= held.last && offset - held.last < SMALL
    if (isNext && offset + length <= held.end) {
      held.last = offset + length
      return buffer.subarray(offset - held.start, offset + length - held.start)
    }
    if (buffer.length < length) buffer = Buffer.allocUnsafeSlow(Math.max(length, BUFFER))
    let done = 0
    try {
      const fd = files.get(path) ?? openSync(path, FLAGS)
      files.set(path, fd)
      while (done < length) {
        const wanted = isNext && length < SMALL ? AHEAD : length - done
        const got = readSync(fd, buffer, done, wanted, offset + done)
        if (got === 0) throw changedWhileRead(path)
        done += got
      }
    } catch (error) {
      throw fromSystemError(error, path)
    }
    held = { path, start: offset, end: offset + done, last: offset + length }
    return buffer.subarray(0, length)
  }
  try {
    return use(read)
  } finally {
    for (const fd of files.values()) closeSync(fd)
  }
}
