import type { ByteSource, GetOptions, ObjectInfo, ObjectStore, PutOptions } from '@art/remote/object-store.ts'
import { readAll } from '@art/remote/read-all.ts'
import { readSource } from '@art/remote/source.ts'
import type { Chance } from './chance.ts'
import type { Ledger } from './ledger.ts'
import type { Call } from './scheduler.ts'

type Submit = (call: Call) => void

/** The remote as one process sees it: each call, and each page of a list, waits for its turn. */
export class ScheduledStore implements ObjectStore {
  readonly #name: string
  readonly #ledger: Ledger
  readonly #chance: Chance
  readonly #submit: Submit

  constructor(name: string, ledger: Ledger, chance: Chance, submit: Submit) {
    this.#name = name
    this.#ledger = ledger
    this.#chance = chance
    this.#submit = submit
  }

  get url(): string {
    return this.#ledger.memory.url
  }

  get capabilities(): ObjectStore['capabilities'] {
    return this.#ledger.memory.capabilities
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#turn('head', key, () => this.#ledger.memory.head(key))
  }

  async *get(key: string, { range }: GetOptions = {}): AsyncGenerator<Uint8Array> {
    yield await this.#turn('get', key, () => readAll(this.#ledger.memory, key, range === undefined ? {} : { range }))
  }

  async put(
    key: string,
    body: Uint8Array | ByteSource,
    { ifNoneMatch }: PutOptions = {},
  ): Promise<{ created: boolean }> {
    // The bytes leave when the call is made, whatever the caller does with its buffer afterwards.
    const bytes = Uint8Array.from(await readSource(body))
    const options = ifNoneMatch === undefined ? {} : { ifNoneMatch }
    return this.#turn('put', key, () => this.#ledger.put(this.#name, key, bytes, options))
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    for (let after = ''; ; ) {
      const page = await this.#turn('list', prefix, () => this.#page(prefix, after))
      yield* page.objects
      if (page.last) return
      after = page.objects.at(-1)!.key
    }
  }

  async delete(keys: Iterable<string>): Promise<void> {
    for (const key of keys) await this.#turn('delete', key, () => this.#ledger.delete(this.#name, key))
  }

  async #page(prefix: string, after: string): Promise<{ objects: ObjectInfo[]; last: boolean }> {
    const objects: ObjectInfo[] = []
    const most = 1 + this.#chance.below(3)
    for await (const info of this.#ledger.memory.list(prefix)) {
      if (info.key <= after) continue
      if (objects.length === most) return { objects, last: false }
      objects.push(info)
    }
    return { objects, last: true }
  }

  #turn<T>(operation: Call['operation'], key: string, run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => this.#submit({ operation, key, run, resolve, reject }))
  }
}
