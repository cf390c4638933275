import { ArtError, type CallOptions, isArtError } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { isDamage } from '../layout/damage.ts'
import { openRemote } from '../layout/descriptor.ts'
import type { ObjectStore } from '../object-store.ts'
import { ChunkReader, type Received } from './chunk-reader.ts'
import { KnownPacks } from './known-packs.ts'
import { openSequence } from './open-sequence.ts'
import { Refuted } from './refuted.ts'
import { seedReader } from './seed-reader.ts'
import { type Relatives, Seeds } from './seeds.ts'
import type { ChunkSequence } from './sequence.ts'
import type { Target } from './target.ts'

/** One file of a remote, read at any place without fetching the rest of it. Ranges are in bytes. */
export interface RemoteFile {
  readonly name: string
  readonly size: number
  /** What was received for it so far. */
  readonly received: Readonly<Received>
  /**
   * Exactly `length` bytes from `offset`, the caller's until the next read. Fails with `CORRUPT` where the range is not inside, with
   * `MISSING_OBJECTS` where the remote cannot give it, and as the store does.
   */
  read(offset: number, length: number, options?: CallOptions): Promise<Uint8Array>
  /** What will be read, in that order: it is fetched ahead, several requests at a time. */
  expect(ranges: Iterable<{ offset: number; length: number }>): void
  close(): Promise<void>
}

export interface RemoteFileContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  /** Decodes and checks what arrives. */
  pool: () => Promise<Pool>
  /** For who reads much: learning what older files hold costs requests itself. */
  relatives?: Relatives
}

/** Bytes that one read gathers at once, and that are fetched beyond what is asked for where reading goes on. */
const WINDOW_BYTES = 8 << 20
const AHEAD_BYTES = 1 << 20

/**
 * Opens a file of a remote. Each chunk is checked against its id; whether the chunks together are the oid's content only the whole file
 * could tell. Another recipe is followed where one turns out to be incomplete. Fails with `MISSING_OBJECTS`, `REMOTE_NOT_FOUND`,
 * `REMOTE_FEATURE`, and as the store does.
 */
export async function openRemoteFile(target: Target, context: RemoteFileContext): Promise<RemoteFile> {
  const { store, cache } = context
  await openRemote(store, 'read', context)
  const known = new KnownPacks(cache.layout.tables, store.url)
  const refuted = new Refuted()
  const received: Received = { new: 0, transferred: 0 }
  const places = new Seeds()
  await places.learnRelatives(target, known, context)
  const seeds = seedReader(places)
  let changing: Promise<ChunkReader> | undefined
  let reader = await follow()
  let starts = startsOf(reader.sequence)
  /** Where the last read ended, and how much was fetched beyond it. */
  let last = { end: -1, ahead: 0 }
  let planned = false

  async function follow(): Promise<ChunkReader> {
    const followed = await openSequence(target, known, refuted, context)
    if (followed === undefined) throw missing(target, refuted)
    const { sequence, key } = followed
    const onLost = (pack: { name: string; size: number }, error: ArtError): void => {
      refuted.pack(pack)
      refuted.recipe(target, key, error)
      known.forget(pack)
    }
    return new ChunkReader(sequence, { ...context, seeds, received, onLost })
  }

  /** From whichever recipe can give them. */
  async function gather(offset: number, length: number, more: number): Promise<Uint8Array> {
    for (;;) {
      const { sequence } = reader
      const [first, end] = chunksWithin(starts, offset, length)
      const wanted = numbers(first, end)
      try {
        const chunks = await reader.load(wanted, numbers(...chunksWithin(starts, offset + length, more)))
        const pieces = wanted.map((i) => {
          const from = Math.max(0, offset - starts[i]!)
          return chunks.get(sequence.key(i))!.subarray(from, offset + length - starts[i]!)
        })
        return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length)
      } catch (error) {
        if (!isArtError(error, 'NOT_FOUND') && !isDamage(error)) throw error
        // Another read may have changed over already.
        if (sequence === reader.sequence) await changeOver()
      }
    }
  }

  async function changeOver(): Promise<void> {
    const lost = reader
    changing ??= follow().finally(() => (changing = undefined))
    const next = await changing
    if (reader !== lost) return
    reader = next
    starts = startsOf(next.sequence)
    await lost.close()
  }

  return {
    name: target.path,
    size: target.size,
    received,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted()
      checkRange(target, offset, length)
      const goesOn = offset === last.end && !planned
      const ahead = goesOn ? Math.min(Math.max(last.ahead * 2, length), AHEAD_BYTES) : 0
      last = { end: offset + length, ahead }
      const more = Math.min(ahead, target.size - last.end)
      if (length === 0) return new Uint8Array(0)
      if (length <= WINDOW_BYTES) return await gather(offset, length, more)
      const bytes = Buffer.allocUnsafeSlow(length)
      for (let at = 0; at < length; at += WINDOW_BYTES)
        bytes.set(await gather(offset + at, Math.min(WINDOW_BYTES, length - at), 0), at)
      return bytes
    },
    expect(ranges) {
      const wanted = [...ranges]
      for (const { offset, length } of wanted) checkRange(target, offset, length)
      planned = true
      reader.expect(chunksOfAll(starts, wanted))
    },
    async close() {
      await reader.close()
      seeds.close()
    },
  }
}

/** Where each chunk starts in the file, and where the last one ends. */
function startsOf(sequence: ChunkSequence): Float64Array {
  const starts = new Float64Array(sequence.count + 1)
  for (let i = 0; i < sequence.count; i++) starts[i + 1] = starts[i]! + sequence.rawLength(i)
  return starts
}

/** The first of the chunks that hold a range, and the one after the last. */
function chunksWithin(starts: Float64Array, offset: number, length: number): [first: number, end: number] {
  if (length === 0) return [0, 0]
  return [lastAtOrBefore(starts, offset), lastAtOrBefore(starts, offset + length - 1) + 1]
}

/** Empty chunks have no bytes: of several that start at a place, the last holds it. */
function lastAtOrBefore(starts: Float64Array, place: number): number {
  let low = 0
  let high = starts.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= place) low = middle
    else high = middle
  }
  return low
}

function numbers(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i)
}

function* chunksOfAll(starts: Float64Array, ranges: Iterable<{ offset: number; length: number }>): Generator<number> {
  for (const { offset, length } of ranges) yield* numbers(...chunksWithin(starts, offset, length))
}

function checkRange({ path, size }: Target, offset: number, length: number): void {
  const fits = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
  if (fits && offset + length <= size) return
  throw new ArtError('CORRUPT', `${length} bytes at ${offset} cannot be read of its ${size} bytes`, {
    path,
    hint: 'It is damaged or cut off: fetch or save it again.',
  })
}

function missing(target: Target, refuted: Refuted): ArtError {
  return new ArtError('MISSING_OBJECTS', refuted.reasonOf(target) ?? 'not on the remote', {
    path: target.path,
    hint: 'Push it from a clone that has it, or add the data again.',
  })
}
