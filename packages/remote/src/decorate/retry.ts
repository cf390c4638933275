import { ArtError, type CallOptions } from '@art/core'
import { type Backoff, pause, waitAfter } from '@art/core/backoff.ts'
import type {
  ByteSource,
  Finding,
  GetOptions,
  ObjectInfo,
  ObjectStore,
  ObjectVersion,
  PutOptions,
} from '../object-store.ts'
import { interrupted } from './limit.ts'

export interface RetryPolicy extends Backoff {
  /** How often a call is made at most. */
  attempts: number
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 6,
  firstDelay: 250,
  maxDelay: 10_000,
  delay: pause,
  random: Math.random,
}

/** From the third failure on it is no hiccup any more, and a user who waits wants to know why. */
const WARN_FROM = 3

export class Retrier {
  readonly #policy: RetryPolicy
  readonly #key: string
  readonly #options: CallOptions
  #failures = 0

  constructor(policy: RetryPolicy, key: string, options: CallOptions) {
    this.#policy = policy
    this.#key = key
    this.#options = options
  }

  /** Returns when the next attempt may be made; throws what is to be thrown where there will be none. */
  async failed(error: unknown): Promise<void> {
    const { attempts, delay } = this.#policy
    const { signal, onEvent } = this.#options
    if (!(error instanceof ArtError) || !error.retryable) throw error
    // Who has broken off wants to hear that, and not what happened to fail meanwhile.
    if (signal?.aborted) throw interrupted(signal)
    this.#failures++
    if (this.#failures >= attempts) throw exhausted(error, this.#failures)
    if (this.#failures >= WARN_FROM) {
      const message = `${error.message}; attempt ${this.#failures + 1} of ${attempts} follows`
      onEvent?.({ type: 'warning', message, path: this.#key })
    }
    await delay(waitAfter(this.#policy, this.#failures), signal)
  }

  /** Something got through: whatever fails next starts its count afresh. */
  progressed(): void {
    this.#failures = 0
  }
}

// Not retryable any more, so that retries inside retries do not multiply.
function exhausted(error: ArtError, attempts: number): ArtError {
  return new ArtError(error.code, attempts > 1 ? `${error.message} (${attempts} attempts)` : error.message, {
    path: error.path,
    hint: error.hint,
    cause: error.cause,
    details: error.details,
  })
}

/** Makes the call until it succeeds, fails for good, or the policy's attempts are used up. */
export async function retry<T>(
  call: () => Promise<T>,
  policy: RetryPolicy,
  key: string,
  options: CallOptions = {},
): Promise<T> {
  const retrier = new Retrier(policy, key, options)
  for (;;) {
    try {
      return await call()
    } catch (error) {
      await retrier.failed(error)
    }
  }
}

/**
 * Repeats what failed with a retryable error. A get that breaks off goes on from where it stopped, in the same version of the object; attempts
 * that brought bytes do not count. A list is repeated only while it has yielded nothing.
 */
export function retryStore(store: ObjectStore, policy: RetryPolicy): ObjectStore {
  return new RetryStore(store, policy)
}

class RetryStore implements ObjectStore {
  readonly #store: ObjectStore
  readonly #policy: RetryPolicy

  constructor(store: ObjectStore, policy: RetryPolicy) {
    this.#store = store
    this.#policy = policy
  }

  get url(): string {
    return this.#store.url
  }

  get capabilities(): ObjectStore['capabilities'] {
    return this.#store.capabilities
  }

  head(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return retry(() => this.#store.head(key, options), this.#policy, key, options)
  }

  async *get(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    const { range } = options
    const version: ObjectVersion = options.version ?? {}
    const retrier = new Retrier(this.#policy, key, options)
    let start = range?.start ?? 0
    for (;;) {
      const end = range?.end ?? version.size
      const rest = start === 0 || end === undefined ? range : { start, end }
      if (rest !== undefined && rest.start === rest.end && rest !== range) return
      try {
        for await (const piece of this.#store.get(key, { ...options, version, ...(rest && { range: rest }) })) {
          start += piece.length
          retrier.progressed()
          yield piece
        }
        return
      } catch (error) {
        // Without a size there is no asking for the rest, and the caller has the beginning already.
        if (start > 0 && end === undefined && version.size === undefined) throw error
        await retrier.failed(error)
      }
    }
  }

  put(key: string, body: Uint8Array | ByteSource, options: PutOptions = {}): Promise<{ created: boolean }> {
    return retry(() => this.#store.put(key, body, options), this.#policy, key, options)
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    const retrier = new Retrier(this.#policy, prefix, options)
    for (let yielded = false; ; ) {
      try {
        for await (const info of this.#store.list(prefix, options)) {
          yielded = true
          yield info
        }
        return
      } catch (error) {
        if (yielded) throw error
        await retrier.failed(error)
      }
    }
  }

  delete(keys: Iterable<string>, options: CallOptions = {}): Promise<void> {
    const all = [...keys]
    return retry(() => this.#store.delete(all, options), this.#policy, all[0] ?? '', options)
  }

  async inspect(options: CallOptions = {}): Promise<Finding[]> {
    return retry(async () => (await this.#store.inspect?.(options)) ?? [], this.#policy, '', options)
  }

  async close(): Promise<void> {
    await this.#store.close?.()
  }
}
