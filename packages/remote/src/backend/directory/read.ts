import type { FileHandle } from 'node:fs/promises'
import { ArtError } from '@art/core'
import { interrupted } from '../../decorate/limit.ts'

const PIECE = 1 << 20

/** Up to this size the bytes come as one piece, so that nobody has to join them. */
const ONE_PIECE = 64 << 20

/** The bytes from `start` up to `end`, the next piece being read while the last one is used. */
export async function* readPieces(
  handle: FileHandle,
  start: number,
  end: number,
  key: string,
  signal: AbortSignal | undefined,
  memory?: Uint8Array,
): AsyncGenerator<Uint8Array> {
  if (start === end) return
  const size = end - start <= ONE_PIECE ? end - start : PIECE
  const lent =
    memory !== undefined && size === end - start && size <= memory.length ? memory.subarray(0, size) : undefined
  let next: Promise<Uint8Array> | undefined = readPiece(handle, start, lent ?? Buffer.allocUnsafeSlow(size), key)
  try {
    for (let position = start; next !== undefined; ) {
      const piece: Uint8Array = await next
      position += piece.length
      next =
        position < end
          ? readPiece(handle, position, Buffer.allocUnsafeSlow(Math.min(size, end - position)), key)
          : undefined
      yield piece
      if (signal?.aborted) throw interrupted(signal)
    }
  } finally {
    // The handle must not be closed under a read.
    await next?.catch(() => {})
  }
}

async function readPiece(handle: FileHandle, position: number, piece: Uint8Array, key: string): Promise<Uint8Array> {
  const { length } = piece
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await handle.read(piece, filled, length - filled, position + filled)
    if (bytesRead === 0) {
      throw new ArtError('REMOTE_DAMAGED', 'the object became shorter while it was read', {
        path: key,
        hint: 'Push it again from a clone that has it.',
      })
    }
    filled += bytesRead
  }
  return piece
}
