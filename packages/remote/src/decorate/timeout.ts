import { ArtError, type CallOptions } from '@art/core'
import type { ByteSource, Finding, GetOptions, ObjectInfo, ObjectStore, PutOptions } from '../object-store.ts'
import { overallLimit, type TimeLimits } from './limits.ts'
import { LinkedAbort } from './linked-abort.ts'

/** Keys that one request of a bulk delete may be assumed to take. */
const DELETE_BATCH = 1000

/**
 * Ends every call with a retryable `TIMEOUT` in bounded time, even where the store beneath never answers and ignores its signal: `idle` for each
 * piece of a get, `answer` for everything else and for each entry of a list, and for bodies what `minRate` allows besides.
 */
export function timeoutStore(store: ObjectStore, limits: TimeLimits): ObjectStore {
  return new TimeoutStore(store, limits)
}

class TimeoutStore implements ObjectStore {
  readonly #store: ObjectStore
  readonly #limits: TimeLimits

  constructor(store: ObjectStore, limits: TimeLimits) {
    this.#store = store
    this.#limits = limits
  }

  get url(): string {
    return this.#store.url
  }

  get capabilities(): ObjectStore['capabilities'] {
    return this.#store.capabilities
  }

  head(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return within(this.#limits.answer, key, options, (bounded) => this.#store.head(key, bounded))
  }

  async *get(key: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
    const { answer, idle, minRate } = this.#limits
    let allowed = answer
    for await (const piece of watched(
      idle,
      () => allowed,
      key,
      options,
      (bounded) => this.#store.get(key, bounded),
    )) {
      allowed += (piece.length / minRate) * 1000
      yield piece
    }
  }

  put(key: string, body: Uint8Array | ByteSource, options: PutOptions = {}): Promise<{ created: boolean }> {
    const size = body instanceof Uint8Array ? body.length : body.size
    const limit = overallLimit(this.#limits, size)
    return within(limit, key, options, (bounded) => this.#store.put(key, body, bounded))
  }

  list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    const { answer } = this.#limits
    return watched(
      answer,
      () => Number.POSITIVE_INFINITY,
      prefix,
      options,
      (bounded) => this.#store.list(prefix, bounded),
    )
  }

  delete(keys: Iterable<string>, options: CallOptions = {}): Promise<void> {
    const all = [...keys]
    const limit = this.#limits.answer * Math.max(1, Math.ceil(all.length / DELETE_BATCH))
    return within(limit, all[0] ?? '', options, (bounded) => this.#store.delete(all, bounded))
  }

  async inspect(options: CallOptions = {}): Promise<Finding[]> {
    const look = async (bounded: CallOptions) => (await this.#store.inspect?.(bounded)) ?? []
    return within(this.#limits.answer, '', options, look)
  }

  async close(): Promise<void> {
    await this.#store.close?.()
  }
}

function tooLong(key: string, milliseconds: number): ArtError {
  return new ArtError('TIMEOUT', `no answer from the remote for ${Math.round(milliseconds / 100) / 10} s`, {
    path: key,
    hint: 'Check the network and the server, then run the command again: what is done stays done.',
    retryable: true,
  })
}

async function within<O extends CallOptions, T>(
  limit: number,
  key: string,
  options: O,
  call: (options: O) => Promise<T>,
): Promise<T> {
  const abort = new LinkedAbort(options.signal)
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = tooLong(key, limit)
      reject(error)
      abort.abort(error)
    }, limit)
  })
  try {
    return await Promise.race([call({ ...options, signal: abort.signal }), expired])
  } finally {
    clearTimeout(timer)
    abort.unlink()
  }
}

/** Counts only the time that it waits for the store, not what the reader of the loop does in between. */
async function* watched<O extends CallOptions, T>(
  idle: number,
  allowed: () => number,
  key: string,
  options: O,
  open: (options: O) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const abort = new LinkedAbort(options.signal)
  const items = open({ ...options, signal: abort.signal })[Symbol.asyncIterator]()
  let waited = 0
  let expire: ((error: ArtError) => void) | undefined
  let hangs = false
  const timer = setTimeout(() => {
    hangs = expire !== undefined
    expire?.(tooLong(key, idle))
  }, idle)
  try {
    for (;;) {
      const before = performance.now()
      const expired = new Promise<never>((_, reject) => {
        expire = reject
      })
      timer.refresh()
      const { done, value } = await Promise.race([items.next(), expired])
      expire = undefined
      waited += performance.now() - before
      if (done) return
      if (waited > allowed()) throw tooLong(key, waited)
      yield value
    }
  } finally {
    clearTimeout(timer)
    abort.unlink()
    abort.abort(new Error('no longer read'))
    const released = items.return?.().catch(() => {})
    // A store that hangs would hang here too.
    if (!hangs) await released
  }
}
