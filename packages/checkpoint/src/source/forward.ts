import { ArtError, type CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import { checkRead } from './range.ts'

/** What going back may cost: beyond this many bytes made, and 16 times the size, reading gives up. */
const WORK_MIN = 256 << 20
const WORK_TIMES = 16

interface Run {
  readonly pieces: AsyncIterator<Uint8Array>
  /** The piece made last, and where it begins. */
  piece: Uint8Array
  offset: number
}

/**
 * `size` bytes that can only be made from the front on, as pieces. Reading forward keeps one piece; reading backwards begins anew, so a
 * reader that jumps about fails with `UNSUPPORTED` before it takes forever. Fails with `CORRUPT` where the pieces are not `size` bytes
 * together; no piece is asked for beyond that. `close` stops; reading after it begins anew.
 */
export function forwardSource(name: string, size: number, open: () => AsyncIterable<Uint8Array>): Source {
  let run: Run | undefined
  let work = 0
  let queue: Promise<unknown> = Promise.resolve()

  async function nextPiece(current: Run): Promise<boolean> {
    const { value, done } = await current.pieces.next()
    if (done === true) return false
    current.offset += current.piece.length
    current.piece = value
    work += value.length
    if (current.offset + value.length > size) throw corrupt(name, `it holds more than its ${size} bytes`)
    if (work > WORK_MIN + size * WORK_TIMES) throw tooMuchWork(name)
    return true
  }

  async function fill(target: Uint8Array, offset: number, options?: CallOptions): Promise<void> {
    if (run === undefined || offset < run.offset) {
      await stop()
      run = { pieces: open()[Symbol.asyncIterator](), piece: new Uint8Array(0), offset: 0 }
    }
    for (let done = 0; done < target.length; ) {
      options?.signal?.throwIfAborted()
      const at = offset + done - run.offset
      if (at < run.piece.length) {
        const part = run.piece.subarray(at, at + target.length - done)
        target.set(part, done)
        done += part.length
      } else if (!(await nextPiece(run))) {
        throw corrupt(name, `it ends after ${run.offset + run.piece.length} of ${size} bytes`)
      }
    }
    if (offset + target.length === size) await finish(run)
  }

  /** More than there should be is an error also for whoever does not ask for it. */
  async function finish(current: Run): Promise<void> {
    while (await nextPiece(current)) {
      // Only an empty one gets here.
    }
    await stop()
  }

  async function read(offset: number, length: number, options?: CallOptions): Promise<Uint8Array> {
    checkRead(name, size, offset, length)
    const target = Buffer.allocUnsafeSlow(length)
    try {
      if (length > 0) await fill(target, offset, options)
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

function corrupt(path: string, what: string): ArtError {
  return new ArtError('CORRUPT', `damaged data: ${what}`, { path, hint: 'Fetch or save the file again.' })
}

function tooMuchWork(path: string): ArtError {
  return new ArtError('UNSUPPORTED', 'data that can only be read from the front on are read back and forth too often', {
    path,
    hint: 'Unpack the file, or save it without compression.',
  })
}
