import { ArtError, type CallOptions } from '@art/core'
import type { ByteSource, Finding, GetOptions, ObjectInfo, ObjectStore, PutOptions } from '../object-store.ts'
import { readSource } from '../source.ts'

/** What can go wrong with a call, and how likely each is: 0 never, 1 always. */
export interface FaultRates {
  /** Any call fails with a retryable error, having done nothing. */
  refuse: number
  /** A body breaks off in its middle, and says so. */
  cut: number
  /** A body ends early without an error. */
  truncate: number
  /** One bit of a body is another. */
  flip: number
  /** Put and delete are done, and then fail with a retryable error. */
  lostAnswer: number
  /** Put fails with a retryable error and is done later: at the start of some later call, or by `settle`. */
  latePut: number
  /** The call never answers; its signal is all that ends it. */
  stall: number
}

export type Fault = keyof FaultRates

export interface FaultyStore extends ObjectStore {
  /** What has been injected so far. */
  readonly injected: Record<Fault, number>
  /** Lets late puts land. */
  settle(): Promise<void>
}

const NONE: FaultRates = { refuse: 0, cut: 0, truncate: 0, flip: 0, lostAnswer: 0, latePut: 0, stall: 0 }

/** A store that fails as networks and servers do, the same way for the same seed and the same order of calls. */
export function faultyStore(store: ObjectStore, seed: number, rates: Partial<FaultRates>): FaultyStore {
  return new SeededFaults(store, seed, { ...NONE, ...rates })
}

/** mulberry32: 32 bits of state, uniform in 0 ≤ n < 1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

class SeededFaults implements FaultyStore {
  readonly injected: Record<Fault, number> = { ...NONE }
  readonly #store: ObjectStore
  readonly #rates: FaultRates
  readonly #random: () => number
  #late: (() => Promise<unknown>)[] = []

  constructor(store: ObjectStore, seed: number, rates: FaultRates) {
    this.#store = store
    this.#rates = rates
    this.#random = seededRandom(seed)
  }

  get url(): string {
    return this.#store.url
  }

  get capabilities(): ObjectStore['capabilities'] {
    return this.#store.capabilities
  }

  async settle(): Promise<void> {
    const late = this.#late
    this.#late = []
    for (const land of late) await land()
  }

  async head(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    await this.#before(key, options)
    return this.#store.head(key, options)
  }

  async *get(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    await this.#before(key, options)
    const fault = (['cut', 'truncate', 'flip'] as const).find((name) => this.#happens(name))
    for await (const piece of this.#store.get(key, options)) {
      if (fault === undefined || piece.length === 0) {
        yield piece
        continue
      }
      const at = Math.floor(this.#random() * piece.length)
      if (fault === 'flip') {
        const flipped = Uint8Array.from(piece)
        flipped[at]! ^= 1 << Math.floor(this.#random() * 8)
        yield flipped
        continue
      }
      yield piece.subarray(0, at)
      if (fault === 'cut') throw unavailable(key, 'connection reset')
      return
    }
  }

  async put(key: string, body: Uint8Array | ByteSource, options: PutOptions = {}): Promise<{ created: boolean }> {
    await this.#before(key, options)
    if (this.#happens('latePut')) {
      // The bytes left when the call was made, whatever the caller does with its buffer afterwards.
      const sent = Uint8Array.from(await readSource(body))
      const { signal: _, ...lasting } = options
      this.#late.push(() => this.#store.put(key, sent, lasting))
      throw unavailable(key, 'connection reset')
    }
    const answer = await this.#store.put(key, body, options)
    if (this.#happens('lostAnswer')) throw unavailable(key, 'connection reset')
    return answer
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    await this.#before(prefix, options)
    yield* this.#store.list(prefix, options)
  }

  async delete(keys: Iterable<string>, options: CallOptions = {}): Promise<void> {
    const all = [...keys]
    await this.#before(all[0] ?? '', options)
    await this.#store.delete(all, options)
    if (this.#happens('lostAnswer')) throw unavailable(all[0] ?? '', 'connection reset')
  }

  async inspect(options: CallOptions = {}): Promise<Finding[]> {
    return (await this.#store.inspect?.(options)) ?? []
  }

  async close(): Promise<void> {
    await this.#store.close?.()
  }

  async #before(key: string, { signal }: CallOptions): Promise<void> {
    if (this.#late.length > 0 && this.#random() < 0.5) await this.#late.shift()!()
    if (this.#happens('stall')) {
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(unavailable(key, 'stalled')), { once: true })
      })
    }
    if (this.#happens('refuse')) throw unavailable(key, 'the server answered 503')
  }

  #happens(fault: Fault): boolean {
    const rate = this.#rates[fault]
    if (rate === 0 || this.#random() >= rate) return false
    this.injected[fault]++
    return true
  }
}

function unavailable(key: string, what: string): ArtError {
  return new ArtError('REMOTE_UNAVAILABLE', what, {
    path: key,
    hint: 'Run the command again.',
    retryable: true,
  })
}
