import type { FileHandle } from 'node:fs/promises'
import { ArtError } from '@art/core'
import { interrupted } from '../../decorate/limit.ts'

const PIECE = 1 << 20

/** A range that is asked for comes as one piece up to this size, so that nobody has to join it. */
const ONE_PIECE = 4 << 20

/** The bytes from `start` up to `end`, the next piece being read while the last one is used. */
export async function* readPieces(
  handle: FileHandle,
  start: number,
  end: number,
  key: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (start === end) return
  const size = end - start <= ONE_PIECE ? end - start : PIECE
  let next: Promise<Uint8Array> | undefined = readPiece(handle, start, Math.min(size, end - start), key)
  try {
    for (let position = start; next !== undefined; ) {
      const piece: Uint8Array = await next
      position += piece.length
      next = position < end ? readPiece(handle, position, Math.min(size, end - position), key) : undefined
      if (signal?.aborted) throw interrupted(signal)
      yield piece
    }
  } finally {
    // The handle must not be closed under a read.
    await next?.catch(() => {})
  }
}

async function readPiece(handle: FileHandle, position: number, length: number, key: string): Promise<Uint8Array> {
  const piece = Buffer.allocUnsafeSlow(length)
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
