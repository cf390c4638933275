import type { CallOptions } from '@art/core'
import type { Source } from '../source.ts'

/**
 * After a jump this much is read ahead, and twice as much each time that reading goes on where the last read ended: a walk through a
 * header costs few calls, and a thousand members spread over gigabytes cost little more than their headers.
 */
const AHEAD_MIN = 512
export const AHEAD_MAX = 256 << 10

export interface Ahead {
  /** The bytes, where they were read already: for parsers that cannot wait for every number. */
  held(offset: number, length: number): Uint8Array | undefined
  /** Reads more than is asked for where reading goes on. The range must lie within the source. */
  read(offset: number, length: number, options?: CallOptions): Promise<Uint8Array>
}

/** Small reads of a medium of `size` bytes, by larger ones through `read`, whose memory must not be used again: the last one is kept. */
export function readAhead(size: number, read: Source['read']): Ahead {
  let start = 0
  let bytes: Uint8Array = new Uint8Array(0)

  function held(offset: number, length: number): Uint8Array | undefined {
    const at = offset - start
    return at >= 0 && at + length <= bytes.length ? bytes.subarray(at, at + length) : undefined
  }

  function aheadAt(offset: number): number {
    const goesOn = offset >= start && offset <= start + bytes.length
    return goesOn ? Math.min(Math.max(bytes.length * 2, AHEAD_MIN), AHEAD_MAX) : AHEAD_MIN
  }

  return {
    held,
    async read(offset, length, options) {
      const there = held(offset, length)
      if (there !== undefined) return there
      const got = await read(offset, Math.min(Math.max(length, aheadAt(offset)), size - offset), options)
      start = offset
      bytes = got
      return got.subarray(0, length)
    },
  }
}
