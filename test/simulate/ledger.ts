import { createHash } from 'node:crypto'
import { isArtError } from '@art/core'
import { decodeRecipe } from '@art/core/recipe/recipe.ts'
import { MemoryStore } from '@art/remote/backend/memory/store.ts'
import { decodeCondemned } from '@art/remote/layout/condemned.ts'
import { CONDEMNED, DESCRIPTOR_KEY, packKey, RECIPES, recipePrefix } from '@art/remote/layout/keys.ts'
import type { PutOptions } from '@art/remote/object-store.ts'
import type { Target } from '@art/remote/transfer/target.ts'

/** Which of the rules are checked: a mutant that breaks one at once must still be shown to lose data. */
export interface Rules {
  names: boolean
  deletes: boolean
}

/** The remote of a simulation, which knows its whole past and checks each change of it. */
export class Ledger {
  readonly memory = new MemoryStore()
  readonly violations: string[] = []
  /** Lists that were put, by whomever. */
  lists = 0
  readonly #rules: Rules
  readonly #objects = new Map<string, Uint8Array>()
  readonly #sizes = new Map<string, number>()
  readonly #authors = new Map<string, string>()
  readonly #condemned = new Set<string>()
  readonly #promised: { by: string; target: Target }[] = []

  constructor(rules: Rules = { names: true, deletes: true }) {
    this.#rules = rules
  }

  get promised(): Target[] {
    return this.#promised.map(({ target }) => target)
  }

  has(key: string): boolean {
    return this.#objects.has(key)
  }

  keys(prefix = ''): string[] {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix))
  }

  bytes(key: string): Uint8Array {
    return this.#objects.get(key)!
  }

  /** Bytes of an object that was ever put. */
  sizeOf(key: string): number | undefined {
    return this.#sizes.get(key)
  }

  async put(by: string, key: string, bytes: Uint8Array, options: PutOptions = {}): Promise<{ created: boolean }> {
    const author = key === DESCRIPTOR_KEY ? digest(bytes) : `${by} ${digest(bytes)}`
    const before = this.#authors.get(key)
    if (this.#rules.names && before !== undefined && before !== author)
      this.#broken(`${key} is put by ${author} after ${before}`)
    const answer = await this.memory.put(key, bytes, options)
    if (!answer.created) return answer
    this.#authors.set(key, author)
    this.#objects.set(key, bytes)
    this.#sizes.set(key, bytes.length)
    if (key.startsWith(CONDEMNED)) {
      this.lists++
      for (const name of decodeCondemned(bytes, key)) this.#condemned.add(name)
    }
    return answer
  }

  async delete(by: string, key: string): Promise<void> {
    if (this.#rules.deletes && !this.#mayGo(key)) this.#broken(`${by} deletes ${key}, which is on no list`)
    await this.memory.delete([key])
    this.#objects.delete(key)
    this.#check(`${by} deleted ${key}`)
  }

  /** From now on the targets must be readable. */
  promise(by: string, targets: readonly Target[]): void {
    for (const target of targets) this.#promised.push({ by, target })
    this.#check(`${by} returned`)
  }

  isReadable({ kind, oid }: Target): boolean {
    return this.keys(recipePrefix(kind, oid)).some((key) => {
      const { packs } = decodeRecipe(this.bytes(key))
      return packs.every(({ name, size }) => this.#objects.get(packKey(name))?.length === size)
    })
  }

  #check(after: string): void {
    for (const { by, target } of this.#promised) {
      if (!this.isReadable(target)) this.#broken(`${target.path} of ${by} cannot be read after ${after}`)
    }
  }

  #mayGo(key: string): boolean {
    if (!key.startsWith(CONDEMNED)) return this.#condemned.has(key)
    const others = new Set(
      this.keys(CONDEMNED).flatMap((list) => (list === key ? [] : decodeCondemned(this.bytes(list), list))),
    )
    const bytes = this.#objects.get(key)
    return bytes === undefined || decodeCondemned(bytes, key).every((name) => others.has(name) || !this.has(name))
  }

  #broken(what: string): void {
    this.violations.push(what)
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12)
}

/** What is left of a remote that nothing needs any more, as far as this recipe or pack says. */
export function isData(key: string): boolean {
  return key.startsWith(RECIPES) || key.startsWith('packs/')
}

export function isGone(error: unknown): boolean {
  return isArtError(error, 'NOT_FOUND')
}
