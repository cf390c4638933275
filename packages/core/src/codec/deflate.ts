import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { corrupt } from './corrupt.ts'

/** Ordinary raw deflate of level 1 to 9. */
export function deflateText(raw: Uint8Array, level: number): Uint8Array {
  // One piece of output for all: a second one costs a copy.
  return deflateRawSync(raw, { level, memLevel: 9, chunkSize: raw.length + (raw.length >> 3) + 64 })
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
