import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { corrupt } from './corrupt.ts'

/** Ordinary raw deflate of level 1 to 9. */
export function deflateText(raw: Uint8Array, level: number): Uint8Array {
  return deflateRawSync(raw, { level, memLevel: 9, chunkSize: roomFor(raw.length) })
}

/** Raw deflate without matches: all that is regular in a plane of weights is which bytes are frequent. */
export function deflatePlane(plane: Uint8Array): Uint8Array {
  return deflateRawSync(plane, {
    level: 1,
    strategy: constants.Z_HUFFMAN_ONLY,
    memLevel: 9,
    chunkSize: roomFor(plane.length),
  })
}

/** Inflates raw deflate that must make exactly `target.length` bytes; never makes more. Fails with `CORRUPT`. */
export function inflateInto(stored: Uint8Array, target: Uint8Array): void {
  const raw = inflate(stored, target.length)
  if (raw.length !== target.length) throw corrupt('it inflates to another length')
  target.set(raw)
}

function inflate(stored: Uint8Array, length: number): Uint8Array {
  try {
    return inflateRawSync(stored, { maxOutputLength: Math.max(1, length), chunkSize: Math.max(64, length) })
  } catch (error) {
    throw corrupt('it does not inflate', error)
  }
}

/** One piece of output for all: a second one costs a copy. */
function roomFor(length: number): number {
  return length + (length >> 3) + 64
}
