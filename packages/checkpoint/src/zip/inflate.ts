import { Readable } from 'node:stream'
import { createInflateRaw, inflateRawSync } from 'node:zlib'
import { ArtError } from '@art/core'
import type { Source } from '../source.ts'
import { forwardSource } from '../source/forward.ts'

const PIECE = 64 << 10

/**
 * The `size` bytes that a deflated source holds, made while reading forward: memory stays at some pieces of 64 KiB, and a bomb stops at
 * `size`. Fails with `CORRUPT` where the data are malformed or are not `size` bytes.
 */
export function inflateSource(packed: Source, size: number, name: string): Source {
  return forwardSource(name, size, () => inflated(packed, size))
}

async function* inflated(packed: Source, size: number): AsyncGenerator<Uint8Array> {
  // Threads and streams take thirty times as long, and there are archives of ten thousands of members.
  const small = packed.size <= PIECE && size <= PIECE ? inflatedNow(await packed.read(0, packed.size), size) : undefined
  if (small !== undefined) return yield small
  const input = Readable.from(pieces(packed), { objectMode: true, highWaterMark: 1 })
  const output = createInflateRaw({ chunkSize: PIECE })
  input.on('error', (error) => output.destroy(error))
  try {
    for await (const piece of input.pipe(output)) yield piece as Buffer
  } catch (error) {
    throw isZlibError(error) ? corrupt(packed.name, error as Error) : error
  } finally {
    input.destroy()
    output.destroy()
  }
}

/** Undefined where that fails: of damaged data the first bytes may still be wanted. */
function inflatedNow(packed: Uint8Array, size: number): Uint8Array | undefined {
  try {
    return inflateRawSync(packed, { maxOutputLength: size + 1, chunkSize: Math.min(Math.max(size + 1, 64), PIECE) })
  } catch {
    return undefined
  }
}

async function* pieces(packed: Source): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < packed.size; at += PIECE) {
    // Copied: what a source returns is only valid until its next read, and the stream keeps a piece longer.
    yield Buffer.from(await packed.read(at, Math.min(PIECE, packed.size - at)))
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

function corrupt(path: string, cause: Error): ArtError {
  return new ArtError('CORRUPT', `damaged compressed data: ${cause.message}`, {
    path,
    hint: 'Fetch or save the file again.',
    cause,
  })
}
