import { closeSync, constants, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { fromSystemError } from '../error.ts'

/** Opens a file of the cache that several workers write pieces of, made by whoever comes first. What fails names the cache's folder. */
export function withGrowingFile<T>(path: string, work: (fd: number) => T): T {
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
    try {
      return work(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw fromSystemError(error, dirname(path))
  }
}
