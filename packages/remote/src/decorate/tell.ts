import type { CallOptions } from '@art/core'
import type { ByteSource, GetOptions, ObjectInfo, ObjectStore, PutOptions } from '../object-store.ts'

/** Sends a `request` event for each call, as stores on a network do for each request. The time is what the store took, not who reads from it. */
export function tellStore(store: ObjectStore): ObjectStore {
  return new TellStore(store)
}

class TellStore implements ObjectStore {
  readonly #store: ObjectStore

  constructor(store: ObjectStore) {
    this.#store = store
  }

  get url(): string {
    return this.#store.url
  }

  get capabilities(): ObjectStore['capabilities'] {
    return this.#store.capabilities
  }

  head(key: string, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return timed('HEAD', key, options, () => this.#store.head(key, options))
  }

  get(key: string, options: GetOptions = {}): AsyncIterable<Uint8Array> {
    return timedItems('GET', key, options, this.#store.get(key, options))
  }

  put(key: string, body: Uint8Array | ByteSource, options: PutOptions = {}): Promise<{ created: boolean }> {
    return timed('PUT', key, options, () => this.#store.put(key, body, options))
  }

  list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    return timedItems('LIST', prefix, options, this.#store.list(prefix, options))
  }

  delete(keys: Iterable<string>, options: CallOptions = {}): Promise<void> {
    const all = [...keys]
    const more = all.length > 1 ? ` and ${all.length - 1} more` : ''
    return timed('DELETE', `${all[0] ?? ''}${more}`, options, () => this.#store.delete(all, options))
  }

  async close(): Promise<void> {
    await this.#store.close?.()
  }
}

async function timed<T>(method: string, key: string, { onEvent }: CallOptions, call: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  try {
    return await call()
  } finally {
    onEvent?.({ type: 'request', method, key, milliseconds: performance.now() - begun })
  }
}

async function* timedItems<T>(
  method: string,
  key: string,
  { onEvent }: CallOptions,
  items: AsyncIterable<T>,
): AsyncGenerator<T> {
  let milliseconds = 0
  let asked: number | undefined = performance.now()
  const pause = (): void => {
    if (asked !== undefined) milliseconds += performance.now() - asked
    asked = undefined
  }
  try {
    for await (const item of items) {
      pause()
      yield item
      asked = performance.now()
    }
  } finally {
    pause()
    onEvent?.({ type: 'request', method, key, milliseconds })
  }
}
