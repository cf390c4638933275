import type { CallOptions } from '@art/core'
import type { Source } from '../source.ts'

/** A data descriptor, the local header behind it, and data that begin at the next multiple of 64: with room for what comes first in them. */
const WINDOW = 512

export interface NearSource extends Source {
  /** Bytes from that place on that are there without a read: none, or as many as there are. */
  held(offset: number): Uint8Array
}

/** Serves short reads that follow one another closely from one of `WINDOW` bytes: they are many, and each read passes through all sources below. */
export function nearSource(source: Source): NearSource {
  const { name, size } = source
  let start = 0
  let bytes: Uint8Array = new Uint8Array(0)
  const held = (offset: number): Uint8Array => {
    const at = offset - start
    return at >= 0 && at <= bytes.length ? bytes.subarray(at) : bytes.subarray(0, 0)
  }
  const readOn = async (offset: number, length: number, options?: CallOptions): Promise<Uint8Array> => {
    const got = await source.read(offset, Math.max(length, Math.min(WINDOW, size - offset)), options)
    start = offset
    bytes = got
    return got.subarray(0, length)
  }
  return {
    name,
    size,
    held,
    read(offset, length, options) {
      const at = offset - start
      if (at < 0 || at + length > bytes.length) return readOn(offset, length, options)
      return Promise.resolve(bytes.subarray(at, at + length))
    },
    close: () => source.close(),
  }
}
