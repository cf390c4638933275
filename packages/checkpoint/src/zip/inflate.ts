import { Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import { ArtError, type CallOptions } from '@art/core'
import { checkRead } from '../source/range.ts'
import type { Source } from '../source.ts'

const PIECE = 64 << 10

/** What going back may cost: beyond this many inflated bytes, and 16 times the member, reading gives up. */
const WORK_MIN = 256 << 20
const WORK_TIMES = 16

interface Run {
  readonly pieces: AsyncIterator<Buffer>
  /** The piece last inflated, and where in the member it begins. */
  piece: Uint8Array
  offset: number
}

/**
 * The `size` bytes that a deflated source holds. Reading forward inflates as it goes and keeps one piece of 64 KiB; reading backwards
 * begins anew, so a reader that jumps about fails with `UNSUPPORTED` before it takes forever. Bytes beyond `size` are never made. Fails
 * with `CORRUPT` where the data are malformed or are not `size` bytes.
 */
export function inflateSource(packed: Source, size: number, name: string): Source {
  let run: Run | undefined
  let work = 0
  let queue: Promise<unknown> = Promise.resolve()

  async function nextPiece(current: Run): Promise<void> {
    const { value, done } = await current.pieces.next().catch((error: unknown) => {
      throw isZlibError(error) ? corrupt(name, (error as Error).message) : error
    })
    if (done === true) throw corrupt(name, `it ends after ${current.offset + current.piece.length} of ${size} bytes`)
    current.offset += current.piece.length
    current.piece = value
    work += value.length
    if (current.offset + value.length > size) throw corrupt(name, `it holds more than its ${size} bytes`)
    if (work > WORK_MIN + size * WORK_TIMES) throw tooMuchWork(name)
  }

  async function fill(target: Uint8Array, offset: number, options?: CallOptions): Promise<void> {
    if (run === undefined || offset < run.offset) {
      await run?.pieces.return?.()
      run = { pieces: inflated(packed)[Symbol.asyncIterator](), piece: new Uint8Array(0), offset: 0 }
    }
    for (let done = 0; done < target.length; ) {
      options?.signal?.throwIfAborted()
      const at = offset + done - run.offset
      if (at >= run.piece.length) {
        await nextPiece(run)
        continue
      }
      const part = run.piece.subarray(at, at + target.length - done)
      target.set(part, done)
      done += part.length
    }
  }

  async function read(offset: number, length: number, options?: CallOptions): Promise<Uint8Array> {
    checkRead(name, size, offset, length)
    const target = Buffer.allocUnsafeSlow(length)
    try {
      await fill(target, offset, options)
      return target
    } catch (error) {
      await stop()
      throw error
    }
  }

  async function stop(): Promise<void> {
    const last = run
    run = undefined
    await last?.pieces.return?.()
  }

  return {
    name,
    size,
    read(offset, length, options) {
      const result = queue.then(() => read(offset, length, options))
      queue = result.catch(() => undefined)
      return result
    },
    close: () => queue.then(stop),
  }
}

/** Inflates lazily: a stream takes no memory before its first piece is asked for. */
async function* inflated(packed: Source): AsyncGenerator<Buffer> {
  const input = Readable.from(pieces(packed), { objectMode: true, highWaterMark: 1 })
  const output = createInflateRaw({ chunkSize: PIECE })
  input.on('error', (error) => output.destroy(error))
  try {
    for await (const piece of input.pipe(output)) yield piece as Buffer
  } finally {
    input.destroy()
    output.destroy()
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

function corrupt(path: string, what: string): ArtError {
  return new ArtError('CORRUPT', `damaged compressed data: ${what}`, { path, hint: 'Fetch or save the file again.' })
}

function tooMuchWork(path: string): ArtError {
  return new ArtError('UNSUPPORTED', 'compressed data are read back and forth too often', {
    path,
    hint: 'Unpack the archive, or save it without compression.',
  })
}
