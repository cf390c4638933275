import { createHash } from 'node:crypto'
import { decodeCondemned, encodeCondemned, readCondemned } from '@art/remote/layout/condemned.ts'
import { CONDEMNED, RECIPES } from '@art/remote/layout/keys.ts'
import type { ByteSource, GetOptions, ObjectInfo, ObjectStore, PutOptions } from '@art/remote/object-store.ts'
import { readAll } from '@art/remote/read-all.ts'
import type { Ledger } from './ledger.ts'
import type { MutantStore, Mutation } from './mutation.ts'

/** A push in front of its store. By itself it lies about nothing. */
class Honest implements MutantStore {
  readonly inner: ObjectStore
  readonly ledger: Ledger
  readonly own = new Set<string>()
  roots = 0

  constructor(inner: ObjectStore, ledger: Ledger) {
    this.inner = inner
    this.ledger = ledger
  }

  get url(): string {
    return this.inner.url
  }

  get capabilities(): ObjectStore['capabilities'] {
    return this.inner.capabilities
  }

  get hasOwnRecipe(): boolean {
    return [...this.own].some((key) => key.startsWith(RECIPES))
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.inner.head(key)
  }

  get(key: string, options?: GetOptions): AsyncIterable<Uint8Array> {
    return this.inner.get(key, options)
  }

  async put(key: string, body: Uint8Array | ByteSource, options?: PutOptions): Promise<{ created: boolean }> {
    const answer = await this.inner.put(key, body, options)
    this.own.add(key)
    if (key.startsWith('roots/')) this.roots++
    return answer
  }

  list(prefix: string): AsyncIterable<ObjectInfo> {
    return this.inner.list(prefix)
  }

  delete(keys: Iterable<string>): Promise<void> {
    return this.inner.delete(keys)
  }

  /** As if the object were still what it was when it was put. */
  remembered(key: string): ObjectInfo | undefined {
    const size = this.ledger.sizeOf(key)
    return size === undefined ? undefined : { key, size }
  }
}

/** Believes after some root that nothing is condemned and everything there. */
class Unchecking extends Honest {
  unchecked(): boolean {
    return this.roots > 0
  }

  override async head(key: string): Promise<ObjectInfo | undefined> {
    return this.unchecked() ? this.remembered(key) : await super.head(key)
  }

  override async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    if (prefix !== CONDEMNED || !this.unchecked()) yield* super.list(prefix)
  }
}

class UncheckedRepair extends Unchecking {
  override unchecked(): boolean {
    return this.roots > 1
  }
}

class UncheckedAdoption extends Unchecking {
  override unchecked(): boolean {
    return this.roots > 0 && !this.hasOwnRecipe
  }
}

/** Puts no root where it has nothing to send. */
class RootlessAdoption extends UncheckedAdoption {
  readonly #swallowed = new Map<string, number>()

  override async put(key: string, body: Uint8Array, options?: PutOptions): Promise<{ created: boolean }> {
    if (!key.startsWith('roots/') || this.hasOwnRecipe) return await super.put(key, body, options)
    this.roots++
    this.#swallowed.set(key, body.length)
    return { created: true }
  }

  override async head(key: string): Promise<ObjectInfo | undefined> {
    const size = this.#swallowed.get(key)
    return size === undefined ? await super.head(key) : { key, size }
  }
}

/** Does not ask whether what it relies on is there. */
class Headless extends Honest {
  override async head(key: string): Promise<ObjectInfo | undefined> {
    return this.remembered(key)
  }
}

/** Asks what is there, and then reads the lists. */
class HeadFirst extends Honest {
  #present = new Set<string>()

  override async head(key: string): Promise<ObjectInfo | undefined> {
    return this.#present.has(key) ? this.remembered(key) : undefined
  }

  override async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    if (prefix === CONDEMNED) this.#present = new Set(this.ledger.keys())
    yield* super.list(prefix)
  }
}

/** Checks with the lists that it read before its root. */
class ListsFirst extends Honest {
  #lists: Map<string, Uint8Array> | undefined

  override async put(key: string, body: Uint8Array, options?: PutOptions): Promise<{ created: boolean }> {
    if (key.startsWith('roots/')) {
      this.#lists = undefined
      await readCondemned(this)
      const lists = this.ledger.keys(CONDEMNED)
      this.#lists = new Map(lists.map((list) => [list, this.ledger.bytes(list)]))
    }
    return await super.put(key, body, options)
  }

  override async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    if (prefix !== CONDEMNED || this.#lists === undefined) return yield* super.list(prefix)
    for (const [key, { length }] of this.#lists) yield { key, size: length }
  }

  override async *get(key: string, options?: GetOptions): AsyncGenerator<Uint8Array> {
    const list = this.#lists?.get(key)
    if (list === undefined) yield* super.get(key, options)
    else yield list
  }
}

/** Trusts in what it has put itself: `prefix` says of which kind. */
class OwnTrusting extends Honest {
  readonly #prefix: string

  constructor(inner: ObjectStore, ledger: Ledger, prefix: string) {
    super(inner, ledger)
    this.#prefix = prefix
  }

  override async head(key: string): Promise<ObjectInfo | undefined> {
    return this.#isTrusted(key) ? this.remembered(key) : await super.head(key)
  }

  override async *get(key: string, options?: GetOptions): AsyncGenerator<Uint8Array> {
    if (!key.startsWith(CONDEMNED)) return yield* super.get(key, options)
    const names = decodeCondemned(await readAll(this.inner, key), key)
    yield encodeCondemned(names.filter((name) => !this.#isTrusted(name)))
  }

  #isTrusted(key: string): boolean {
    return this.own.has(key) && key.startsWith(this.#prefix)
  }
}

/** Puts its recipes when all else is done. */
class RecipeLast extends Honest {
  readonly #held = new Map<string, Uint8Array>()

  override async put(key: string, body: Uint8Array, options?: PutOptions): Promise<{ created: boolean }> {
    if (!key.startsWith(RECIPES)) return await super.put(key, body, options)
    this.#held.set(key, body)
    return { created: true }
  }

  override async head(key: string): Promise<ObjectInfo | undefined> {
    const held = this.#held.get(key)
    return held === undefined ? await super.head(key) : { key, size: held.length }
  }

  async settled(): Promise<void> {
    for (const [key, body] of this.#held) await this.inner.put(key, body)
  }
}

/** Puts the same root under the same name as others do. */
class RootByContent extends Honest {
  readonly #names = new Map<string, string>()

  override async put(key: string, body: Uint8Array, options?: PutOptions): Promise<{ created: boolean }> {
    if (!key.startsWith('roots/')) return await super.put(key, body, options)
    this.#names.set(key, rootByContent(key, body))
    return await super.put(this.#names.get(key)!, body, options)
  }

  override async head(key: string): Promise<ObjectInfo | undefined> {
    const found = await super.head(this.#names.get(key) ?? key)
    return found && { ...found, key }
  }
}

export function rootByContent(key: string, body: Uint8Array): string {
  return key.slice(0, key.lastIndexOf('/') + 1) + createHash('sha256').update(body).digest('hex').slice(0, 16)
}

export const LIES = {
  'no check after publishing': (inner, ledger) => new Unchecking(inner, ledger),
  'no check after a repair': (inner, ledger) => new UncheckedRepair(inner, ledger),
  'lists read before the root': (inner, ledger) => new ListsFirst(inner, ledger),
  'root before recipe': (inner, ledger) => new RecipeLast(inner, ledger),
  'own packs unchecked': (inner, ledger) => new OwnTrusting(inner, ledger, 'packs/'),
  'own recipes unchecked': (inner, ledger) => new OwnTrusting(inner, ledger, RECIPES),
  'adoption without a root': (inner, ledger) => new RootlessAdoption(inner, ledger),
  'adoption without a check': (inner, ledger) => new UncheckedAdoption(inner, ledger),
  'presence not asked for': (inner, ledger) => new Headless(inner, ledger),
  'presence asked before the lists': (inner, ledger) => new HeadFirst(inner, ledger),
  'roots named by their content': (inner, ledger) => new RootByContent(inner, ledger),
} satisfies Record<string, Mutation>
