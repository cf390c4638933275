import { closeSync, constants, openSync, readSync } from 'node:fs'
import { fromSystemError } from '@art/core'
import { changedWhileRead } from '@art/core/fs/refusal.ts'

/** A FIFO without a writer must not make us wait. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

const BUFFER = 256 << 10

/** The bytes are valid until the next read. Fails with `CHANGED_WHILE_READ` where the file ends before. */
export type ReadFile = (path: string, offset: number, length: number) => Uint8Array

/** Gives `use` a synchronous reader that keeps each file open, and one buffer for all, until it is done. */
export function withFiles<T>(use: (read: ReadFile) => T): T {
  const files = new Map<string, number>()
  let buffer = Buffer.alloc(0)
  const read: ReadFile = (path, offset, length) => {
    if (buffer.length < length) buffer = Buffer.allocUnsafeSlow(Math.max(length, BUFFER))
    try {
      const fd = files.get(path) ?? openSync(path, FLAGS)
      files.set(path, fd)
      let done = 0
      while (done < length) {
        const got = readSync(fd, buffer, done, length - done, offset + done)
        if (got === 0) throw changedWhileRead(path)
        done += got
      }
    } catch (error) {
      throw fromSystemError(error, path)
    }
    return buffer.subarray(0, length)
  }
  try {
    return use(read)
  } finally {
    for (const fd of files.values()) closeSync(fd)
  }
}
