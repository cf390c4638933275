import { ArtError } from '@art/core'
import type { ByteSource } from './object-store.ts'

/** The pieces of a body, whichever of the two kinds it is. */
export function openBody(body: Uint8Array | ByteSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return body instanceof Uint8Array ? [body] : body.open()
}

export function bodySize(body: Uint8Array | ByteSource): number {
  return body instanceof Uint8Array ? body.length : body.size
}

/** The whole body in memory. Fails with `CHANGED_WHILE_READ` where it is not as long as it says. */
export async function readSource(body: Uint8Array | ByteSource): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  for await (const block of blocks(body, Math.max(1, body.size))) return block
  return new Uint8Array(0)
}

/**
 * The body in blocks of exactly `size` bytes, the last one shorter. Blocks of a body in memory share its bytes; others are fresh. Fails with
 * `CHANGED_WHILE_READ` where the body is not as long as it says.
 */
export async function* blocks(body: Uint8Array | ByteSource, size: number): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    for (let start = 0; start < body.length; start += size) yield body.subarray(start, start + size)
    return
  }
  let left = body.size
  let block = Buffer.allocUnsafe(Math.min(size, left))
  let filled = 0
  for await (const piece of body.open()) {
    if (piece.length > left) throw wrongLength(body.size)
    left -= piece.length
    for (let start = 0; start < piece.length; ) {
      const part = piece.subarray(start, start + block.length - filled)
      block.set(part, filled)
      filled += part.length
      start += part.length
      // The last block waits until the body has ended where it should.
      if (filled < block.length || (left === 0 && start === piece.length)) continue
      yield block
      block = Buffer.allocUnsafe(Math.min(size, left + piece.length - start))
      filled = 0
    }
  }
  if (left > 0) throw wrongLength(body.size)
  if (filled > 0) yield block
}

export function wrongLength(size: number): ArtError {
  return new ArtError('CHANGED_WHILE_READ', `a body is not the ${size} bytes that it was said to be`, {
    hint: 'Run the command again when nothing writes to the file.',
  })
}
