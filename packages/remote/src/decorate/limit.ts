import { ArtError, type CallOptions } from '@art/core'
import type { ByteSource, Finding, GetOptions, ObjectInfo, ObjectStore, PutOptions } from '../object-store.ts'

/** Lets a bounded number of holders in at a time, first come first served. */
export class Gate {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(size: number) {
    this.#free = Math.max(1, Math.floor(size))
  }

  /** Fails with `INTERRUPTED` where the signal is aborted while waiting. */
  async enter(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw interrupted(signal)
    if (this.#free > 0) {
      this.#free--
      return
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1)
        reject(interrupted(signal))
      }
      const admit = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(admit)
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }

  async run<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.enter(signal)
    try {
      return await call()
    } finally {
      this.leave()
    }
  }
}

export function interrupted(signal?: AbortSignal): ArtError {
  return new ArtError('INTERRUPTED', 'interrupted', { cause: signal?.reason, hint: 'Run the command again to go on.' })
}

/**
 * At most `jobs` calls at a time, listings besides. A get holds its place until its loop ends: nobody may start another inside that loop and wait
 * for it there.
 */
export function limitStore(store: ObjectStore, jobs: number): ObjectStore {
  return new LimitStore(store, jobs)
}

class LimitStore implements ObjectStore {
  readonly #store: ObjectStore
  readonly #gate: Gate

  constructor(store: ObjectStore, jobs: number) {
    this.#store = store
    this.#gate = new Gate(jobs)
  }

  get url(): string {
    return this.#store.url
  }

  get capabilities(): ObjectStore['capabilities'] {
    return this.#store.capabilities
  }

  head(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#gate.run(() => this.#store.head(key, options), options.signal)
  }

  get(key: string, options: GetOptions = {}): AsyncIterable<Uint8Array> {
    return this.#held(() => this.#store.get(key, options), options.signal)
  }

  put(key: string, body: Uint8Array | ByteSource, options: PutOptions = {}): Promise<{ created: boolean }> {
    return this.#gate.run(() => this.#store.put(key, body, options), options.signal)
  }

  list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    // A listing is read beside the calls that it leads to, so it takes no place among them.
    return this.#store.list(prefix, options)
  }

  delete(keys: Iterable<string>, options: CallOptions = {}): Promise<void> {
    return this.#gate.run(() => this.#store.delete(keys, options), options.signal)
  }

  async inspect(options: CallOptions = {}): Promise<Finding[]> {
    return (await this.#store.inspect?.(options)) ?? []
  }

  async close(): Promise<void> {
    await this.#store.close?.()
  }

  async *#held<T>(open: () => AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
    await this.#gate.enter(signal)
    try {
      yield* open()
    } finally {
      this.#gate.leave()
    }
  }
}
