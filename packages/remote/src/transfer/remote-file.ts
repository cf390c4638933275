import { ArtError, type CallOptions, isArtError } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { ensureCache } from '@art/core/cache/layout.ts'
import { RECIPE_BYTES_MAX } from '@art/core/recipe/layout.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { isDamage, PUSH_IT } from '../layout/damage.ts'
import { openRemote } from '../layout/descriptor.ts'
import type { ObjectStore } from '../object-store.ts'
import { ChunkReader, type Received } from './chunk-reader.ts'
import { KnownPacks } from './known-packs.ts'
import { openSequence } from './open-sequence.ts'
import { Refuted } from './refuted.ts'
import { seedReader } from './seed-reader.ts'
import { type Relative, Seeds } from './seeds.ts'
import { type Placed, StreamMap } from './stream-map.ts'
import type { Target } from './target.ts'

/** One file of a remote, or the stream of a directory, read at any place without fetching the rest of it. Ranges are in bytes. */
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
  /** All of the chunk that begins there: of a directory's stream that may be a node, whose length nothing else tells. */
  chunkAt(offset: number): Promise<Uint8Array>
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
  relatives?: (target: Target) => Promise<Relative[]>
}

/** Bytes and chunks that one read gathers at once, and bytes that are fetched beyond what is asked for where reading goes on. */
const WINDOW_BYTES = 8 << 20
const WINDOW_CHUNKS = 8192
const AHEAD_BYTES = 1 << 20

/** Nodes are small, and one comes after the other. */
const NODES_AHEAD = 64 << 10

/**
 * Opens a file of a remote. Each chunk is checked against its id; whether the chunks together are the oid's content only the whole file
 * could tell. Another recipe is followed where one turns out to be incomplete. Fails with `MISSING_OBJECTS`, `REMOTE_NOT_FOUND`,
 * `REMOTE_FEATURE`, and as the store does.
 */
export async function openRemoteFile(target: Target, context: RemoteFileContext): Promise<RemoteFile> {
  const { store, cache } = context
  await openRemote(store, 'read', context)
  ensureCache(cache.layout)
  const known = new KnownPacks(cache.layout.tables, store.url)
  const refuted = new Refuted()
  const received: Received = { new: 0, transferred: 0 }
  const places = new Seeds(known, context)
  await places.learnFor([target])
  const seeds = seedReader(places)
  let changing: Promise<Following> | undefined
  let current = await follow()
  /** Where the last read ended, and how much was fetched beyond it. */
  let last = { end: -1, ahead: 0 }
  let planned = false

  async function follow(): Promise<Following> {
    const followed = await openSequence(target, { ...context, known, refuted, most: RECIPE_BYTES_MAX })
    if (followed === undefined || followed === 'large') throw missing(target, refuted)
    const { sequence, key } = followed
    const onLost = (pack: { name: string; size: number }, error: ArtError): void => {
      refuted.pack(pack)
      refuted.recipe(target, key, error)
      known.forget(pack)
    }
    const reader = new ChunkReader(sequence, { ...context, seeds, received, onLost })
    return { key, reader, map: new StreamMap(sequence) }
  }

  /** From whichever recipe can give it. */
  async function gather(from: (used: Following) => Promise<Uint8Array>): Promise<Uint8Array> {
    for (;;) {
      const used = current
      try {
        return await from(used)
      } catch (error) {
        if (context.signal?.aborted) throw error
        // Another read has changed over, and what was on its way was given up.
        if (current !== used) continue
        if (!isArtError(error) || !(error.code === 'NOT_FOUND' || isDamage(error))) throw error
        await changeOver(used, error)
      }
    }
  }

  async function changeOver(lost: Following, error: ArtError): Promise<void> {
    // Whatever was wrong, this recipe is not followed again.
    refuted.recipe(target, lost.key, error)
    if (current !== lost) return
    changing ??= follow().finally(() => (changing = undefined))
    const next = await changing
    if (current !== lost) return
    current = next
    await lost.reader.close()
  }

  const { path } = target
  const size = target.kind === 'f' ? target.size : current.map.size
  const some = { path, size }
  return {
    name: path,
    size,
    received,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted()
      checkRange(some, offset, length)
      const goesOn = offset === last.end && !planned
      const ahead = goesOn ? Math.min(Math.max(last.ahead * 2, length), AHEAD_BYTES) : 0
      last = { end: offset + length, ahead }
      const more = Math.min(ahead, size - last.end)
      if (length === 0) return new Uint8Array(0)
      const found = await gather((used) => gatherFrom(used, offset, length, more))
      if (found.length === length) return found
      const bytes = Buffer.allocUnsafeSlow(length)
      bytes.set(found)
      for (let at = found.length; at < length; ) {
        const next = await gather((used) => gatherFrom(used, offset + at, length - at, 0))
        bytes.set(next, at)
        at += next.length
      }
      return bytes
    },
    async chunkAt(offset) {
      checkRange(some, offset, 1)
      return await gather((used) => chunkFrom(used, offset, Math.min(NODES_AHEAD, size - offset)))
    },
    expect(ranges) {
      const wanted = [...ranges]
      for (const { offset, length } of wanted) checkRange(some, offset, length)
      planned = true
      current.reader.expect(chunksOf(current.map, wanted))
    },
    async close() {
      await current.reader.close()
      seeds.close()
    },
  }
}

interface Following {
  /** Of the recipe. */
  key: string
  reader: ChunkReader
  map: StreamMap
}

async function gatherFrom(
  { reader, map }: Following,
  offset: number,
  length: number,
  more: number,
): Promise<Uint8Array> {
  const wanted = few(map.within(offset, Math.min(length, WINDOW_BYTES)))
  const last = wanted.at(-1)!
  const end = Math.min(offset + Math.min(length, WINDOW_BYTES), last.start + last.length)
  const beyond = end === offset + length ? few(map.within(end, more)) : []
  const chunks = await reader.load(wanted.map(numberOf), beyond.map(numberOf))
  const pieces = wanted.map(({ chunk, start }) => {
    const bytes = chunks.get(reader.sequence.key(chunk))!
    return bytes.subarray(Math.max(0, offset - start), end - start)
  })
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, end - offset)
}

async function chunkFrom({ reader, map }: Following, offset: number, more: number): Promise<Uint8Array> {
  const [placed, ...beyond] = few(map.within(offset, more))
  const chunks = await reader.load([placed!.chunk], beyond.map(numberOf))
  return chunks.get(reader.sequence.key(placed!.chunk))!
}

/** A stretch of few bytes can hold millions of chunks where somebody wants it to. */
function few(placed: Iterable<Placed>): Placed[] {
  const found: Placed[] = []
  for (const one of placed) {
    found.push(one)
    if (found.length === WINDOW_CHUNKS) break
  }
  return found
}

function numberOf({ chunk }: { chunk: number }): number {
  return chunk
}

function* chunksOf(map: StreamMap, ranges: Iterable<{ offset: number; length: number }>): Generator<number> {
  for (const { offset, length } of ranges) for (const { chunk } of map.within(offset, length)) yield chunk
}

function checkRange({ path, size }: Pick<Target, 'path' | 'size'>, offset: number, length: number): void {
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
    hint: PUSH_IT,
  })
}
