import type { Source } from '../source.ts'
import { checkRange, checkRead } from './range.ts'

/** `length` bytes from `offset` of another source, which stays its owner's to close. Fails with `CORRUPT` where they are not within it. */
export function sliceSource(source: Source, offset: number, length: number, name: string = source.name): Source {
  checkRange(source.name, source.size, offset, length)
  return {
    name,
    size: length,
    async read(at, count, options) {
      checkRead(name, length, at, count)
      return source.read(offset + at, count, options)
    },
    async close() {},
  }
}
