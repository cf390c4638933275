import { ArtError, type CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import { readAhead } from './ahead.ts'

/** Reads a table from front to back: waits where bytes are not here yet, and only there. */
export interface Cursor {
  /** In the source. May be set to anything: jumping costs nothing until something is read. */
  position: number
  readonly end: number
  /**
   * Makes sure that `length` bytes are here, and returns what to wait for, or undefined if they are: a table has millions of numbers, and
   * waiting for each would take seconds. Fails with `CORRUPT` where the source ends before.
   */
  need(length: number): Promise<unknown> | undefined
  /** The next bytes, as a view; to be called after `need` of at least as many. */
  take(length: number): Buffer
}

export function cursorOf(source: Source, options?: CallOptions): Cursor {
  const ahead = readAhead(source.size, async (offset, length) =>
    Buffer.from(await source.read(offset, length, options)),
  )
  return {
    position: 0,
    end: source.size,
    need(length) {
      if (this.position < 0 || length > this.end - this.position) throw cutOff(source, this.position, length)
      return ahead.held(this.position, length) === undefined ? ahead.read(this.position, length) : undefined
    },
    take(length) {
      const bytes = ahead.held(this.position, length)
      if (bytes === undefined) throw new RangeError(`${length} bytes at ${this.position} are not here`)
      this.position += length
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    },
  }
}

function cutOff(source: Source, offset: number, length: number): ArtError {
  return new ArtError('CORRUPT', `it ends at ${source.size}, where ${length} bytes at ${offset} are to follow`, {
    path: source.name,
    hint: 'It is damaged or cut off: fetch or save it again.',
  })
}
