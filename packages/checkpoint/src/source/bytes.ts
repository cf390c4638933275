import type { Source } from '../source.ts'
import { checkRead } from './range.ts'

/** Bytes in memory. What `read` returns are views of them. */
export function bytesSource(name: string, bytes: Uint8Array): Source {
  return {
    name,
    size: bytes.length,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted()
      checkRead(name, bytes.length, offset, length)
      return bytes.subarray(offset, offset + length)
    },
    async close() {},
  }
}
