import { setMaxListeners } from 'node:events'
import { type ArtError, type CallOptions, fromSystemError, isArtError } from '@art/core'
import { ENTRY_BYTES } from '@art/core/pack/layout.ts'
import type { RecipePack } from '@art/core/recipe/recipe.ts'
import { LENT_BYTES } from '@art/core/unpacking/range.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { isDamage } from '../layout/damage.ts'
import { packKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { ChunkShelf } from './chunk-shelf.ts'
import { type Request, requestsFor } from './requests.ts'
import type { SeedReader } from './seed-reader.ts'
import { type ChunkSequence, chunkKey } from './sequence.ts'

/** What came over the wire. */
export interface Received {
  /** Raw bytes of chunks that this machine lacked. */
  new: number
  transferred: number
}

export interface ChunkReaderContext extends CallOptions {
  store: ObjectStore
  /** Decodes and checks what arrives. */
  pool: () => Promise<Pool>
  seeds: SeedReader
  received: Received
  /** A pack is not there, or not as it was sent. What needed it fails. */
  onLost: (pack: RecipePack, error: ArtError) => void
}

type Chunks = ReadonlyMap<number, Uint8Array>

/** Requests that fetch ahead at a time. */
const IN_FLIGHT = 16

/** Chunks of which it is remembered that they were asked for: what is repeated after more than so many others may be fetched again. */
const REMEMBERED = 100_000

/** Chunks of one stream in any order: from memory, from older files of this machine, or from the remote. Each is checked against its id. */
export class ChunkReader {
  readonly sequence: ChunkSequence
  readonly #context: ChunkReaderContext
  readonly #shelf = new ChunkShelf()
  readonly #coming = new Map<number, Promise<Chunks>>()
  #ahead: Iterator<Request> | undefined
  #next: Request | undefined
  #running = 0
  readonly #closing = new AbortController()
  readonly #signal: AbortSignal

  constructor(sequence: ChunkSequence, context: ChunkReaderContext) {
    this.sequence = sequence
    this.#context = context
    const { signal } = context
    this.#signal = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    // Every request under way listens to it.
    setMaxListeners(0, this.#signal)
  }

  /** These chunks, by `ChunkSequence.key`. `more` are fetched with them where something has to be fetched anyway, and kept. */
  async load(chunks: readonly number[], more: readonly number[] = []): Promise<Chunks> {
    const found = new Map<number, Uint8Array>()
    const waited = new Map<number, Promise<Chunks>>()
    const lacking: number[] = []
    for (const i of chunks) {
      const key = this.sequence.key(i)
      const here = found.get(key) ?? this.#shelf.take(key) ?? this.#fromSeeds(i, key)
      const coming = here === undefined ? this.#coming.get(key) : undefined
      if (here !== undefined) found.set(key, here)
      else if (coming !== undefined) waited.set(key, coming)
      else lacking.push(i)
    }
    if (lacking.length > 0) {
      const asked = [...this.#once([...lacking, ...more])]
      for (const request of requestsFor(this.sequence, asked))
        void this.#request(request, (arrived) => this.#keep(arrived))
      for (const i of lacking) waited.set(this.sequence.key(i), this.#coming.get(this.sequence.key(i))!)
    }
    this.#fetchAhead()
    await Promise.all(waited.values())
    for (const [key, coming] of waited) {
      found.set(key, this.#shelf.take(key) ?? (await coming).get(key)!)
    }
    this.#fetchAhead()
    return found
  }

  /** Chunks in the order in which they will be read. */
  expect(chunks: Iterable<number>): void {
    this.#ahead = requestsFor(this.sequence, this.#once(chunks))
    this.#fetchAhead()
  }

  /** Gives up what is on its way, and waits until it is given up. */
  async close(): Promise<void> {
    this.#ahead = undefined
    this.#next = undefined
    this.#closing.abort()
    await Promise.allSettled(this.#coming.values())
    this.#shelf.clear()
  }

  /** Each chunk that is neither here nor coming, at the time when it is asked for. */
  *#once(chunks: Iterable<number>): Generator<number> {
    const given = new Set<number>()
    for (const i of chunks) {
      const key = this.sequence.key(i)
      if (given.has(key) || this.#isHere(i)) continue
      if (given.size >= REMEMBERED) given.clear()
      given.add(key)
      yield i
    }
  }

  #isHere(i: number): boolean {
    const key = this.sequence.key(i)
    return this.#shelf.has(key) || this.#coming.has(key) || this.#context.seeds.has(this.sequence.id(i))
  }

  #fromSeeds(i: number, key: number): Uint8Array | undefined {
    const bytes = this.#context.seeds.read(this.sequence.id(i), this.sequence.rawLength(i))
    if (bytes !== undefined) this.#shelf.keep(key, bytes)
    return bytes
  }

  #fetchAhead(): void {
    while (this.#ahead !== undefined && this.#running < IN_FLIGHT) {
      const request = (this.#next ??= this.#nextAhead(this.#ahead))
      if (request === undefined || !this.#shelf.hasRoom(request.raw)) return
      this.#next = undefined
      this.#running++
      this.#shelf.promise(request.raw)
      const chunksOrNone = this.#request(request, (arrived) => this.#shelf.fulfil(request.raw, arrived))
      // Who reads it asks again, and is then told why it failed.
      const settled = chunksOrNone.catch(() => this.#shelf.fulfil(request.raw, new Map()))
      void settled.then(() => {
        this.#running--
        this.#fetchAhead()
      })
    }
  }

  #nextAhead(ahead: Iterator<Request>): Request | undefined {
    try {
      const step = ahead.next()
      if (step.done !== true) return step.value
    } catch (error) {
      // The table of a lost pack is gone, too: who reads on meets that, and follows another recipe.
      if (!isDamage(error)) throw error
    }
    this.#ahead = undefined
    return undefined
  }

  #keep(arrived: Chunks): void {
    for (const [key, bytes] of arrived) this.#shelf.keep(key, bytes)
  }

  #request(request: Request, onArrival: (arrived: Chunks) => void): Promise<Chunks> {
    const keys = request.wanted.map((entry) => chunkKey(request.number, entry))
    const coming = this.#fetch(request)
      .then((arrived) => {
        onArrival(arrived)
        return arrived
      })
      .finally(() => {
        for (const key of keys) this.#coming.delete(key)
      })
    // Whoever waits for it hears of a failure; one that nobody waits for is no failure.
    coming.catch(() => undefined)
    for (const key of keys) this.#coming.set(key, coming)
    return coming
  }

  async #fetch(request: Request): Promise<Chunks> {
    const { pack } = request
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#fetchOnce(request)
      } catch (error) {
        const gone = isArtError(error, 'NOT_FOUND')
        if (!gone && !isDamage(error)) throw error
        if (!gone && attempt === 0) continue
        this.#context.onLost(pack, fromSystemError(error))
        throw error
      }
    }
  }

  async #fetchOnce({ pack, number, table, first, end, wanted, raw }: Request): Promise<Chunks> {
    const { store, received, onEvent } = this.#context
    const range = { start: table.offset(first), end: table.offset(end) }
    const bytes = await readAll(store, packKey(pack.name), { signal: this.#signal, onEvent, range })
    received.transferred += bytes.length
    const mask = new Uint8Array(end - first)
    for (const entry of wanted) mask[entry - first] = 1
    const entries = table.bytes.slice(first * ENTRY_BYTES, end * ENTRY_BYTES)
    const lent = bytes.length >= LENT_BYTES ? [bytes.buffer as ArrayBuffer] : []
    const pool = await this.#context.pool()
    const decoded = await pool.run('decodeStretch', { bytes, table: entries, wanted: mask }, lent)
    received.new += raw
    const chunks = new Map<number, Uint8Array>()
    let at = 0
    for (const entry of wanted) {
      const length = table.rawLength(entry)
      chunks.set(chunkKey(number, entry), decoded.raw.subarray(at, at + length))
      at += length
    }
    return chunks
  }
}
