import { ArtError, type Kind } from '@art/core'
import { decodeRecipe, encodeRecipe, type Recipe } from '@art/core/recipe/recipe.ts'
import { decodeCondemned, encodeCondemned } from '@art/remote/layout/condemned.ts'
import {
  CONDEMNED,
  DESCRIPTOR_KEY,
  newRecipeKey,
  packKey,
  PACKS,
  randomHex,
  RECIPES,
  recipePrefix,
} from '@art/remote/layout/keys.ts'
import { decodeRoot, type Root } from '@art/remote/layout/root.ts'
import type { ObjectStore } from '@art/remote/object-store.ts'
import { readAll } from '@art/remote/read-all.ts'
import { isGone } from './ledger.ts'

const ROOTS = 'roots/'

/** Steps of REMOTE.md that a mutant leaves out or does otherwise. */
export interface Flaws {
  oneMark?: boolean
  markBeforeLists?: boolean
  takesBack?: boolean
  givesUpUnknown?: boolean
  deletesUnlisted?: boolean
  ignoresLists?: boolean
}

export interface CollectorOptions {
  /** Roots that the site has given up. */
  givenUp: (root: string) => boolean
  /** Deletes lists whose names are all gone, as if each were thirty days old. */
  drops?: boolean
  flaws?: Flaws
}

interface Marked {
  roots: Map<string, Root>
  /** Every key that is needed. */
  live: Set<string>
  oids: Set<string>
}

/** A remote gc as REMOTE.md describes it, with nothing but its protocol: no clock, no git, no grace time. */
export class Collector {
  readonly #store: ObjectStore
  readonly #options: CollectorOptions
  readonly #flaws: Flaws

  constructor(store: ObjectStore, options: CollectorOptions) {
    this.#store = store
    this.#options = options
    this.#flaws = options.flaws ?? {}
  }

  async collect(): Promise<void> {
    const old = await this.#lists()
    const condemned = new Set([...old.values()].flat())
    const first = await this.#mark()
    const candidates: string[] = []
    for await (const { key } of this.#store.list('')) {
      if (!/^(packs|recipes|roots|gc)\/|^art-remote\.json$/.test(key)) throw refused(key)
      if (key.startsWith(CONDEMNED) || key === DESCRIPTOR_KEY || condemned.has(key)) continue
      if (key.startsWith(ROOTS) ? this.#options.givenUp(key) && !first.live.has(key) : !first.live.has(key))
        candidates.push(key)
    }
    if (candidates.length > 0) await this.#condemn(candidates, old.keys())
    await this.#finish(this.#flaws.oneMark ? first : undefined, candidates)
  }

  /** Copies every pack of one recipe to a new name, and condemns what that replaces. */
  async compact(choose: (recipes: string[]) => string): Promise<void> {
    const old = await this.#lists()
    const condemned = new Set([...old.values()].flat())
    const { live } = await this.#mark()
    const recipes = [...live].filter((key) => key.startsWith(RECIPES) && !condemned.has(key))
    if (recipes.length === 0) return
    const key = choose(recipes.sort())
    const recipe = await this.#recipe(key)
    if (recipe === undefined) return
    const packs: Recipe['packs'] = []
    for (const pack of recipe.packs) {
      const name = randomHex(16)
      await this.#store.put(packKey(name), await readAll(this.#store, packKey(pack.name)))
      packs.push({ ...pack, name })
    }
    await this.#store.put(newRecipeKey(recipe.kind, recipe.oid), encodeRecipe({ ...recipe, packs }))
    const names = [key, ...recipe.packs.map(({ name }) => packKey(name))]
    if (this.#flaws.deletesUnlisted) return await this.#store.delete(names)
    await this.#condemn(names, old.keys())
    await this.#finish(undefined, names)
  }

  /** Every key that is needed now. */
  async needed(): Promise<Set<string>> {
    return (await this.#mark()).live
  }

  async #condemn(names: readonly string[], known: Iterable<string>): Promise<string> {
    const last = Math.max(0, ...[...known].map((key) => Number(key.slice(CONDEMNED.length).split('-')[0])))
    const key = `${CONDEMNED}${String(last + 1).padStart(12, '0')}-${randomHex(8)}`
    await this.#store.put(key, encodeCondemned(names))
    return key
  }

  /** Lists first, then a mark from listings that are begun after them; recipes go before packs, and roots at last. */
  async #finish(first: Marked | undefined, own: readonly string[]): Promise<void> {
    const early = this.#flaws.markBeforeLists ? await this.#mark() : first
    const lists = await this.#lists()
    const names = new Set([...lists.values()].flat())
    for (const name of own) names.add(name)
    const marked = early ?? (await this.#mark())
    const isOf = (prefix: string) => (name: string) => name.startsWith(prefix)
    for (const name of [...names].filter(isOf(RECIPES))) {
      if (!marked.live.has(name) || (await this.#isSuperseded(name, names))) await this.#store.delete([name])
    }
    const { live } = early ?? (await this.#mark())
    await this.#store.delete([...names].filter(isOf(PACKS)).filter((name) => !live.has(name)))
    await this.#store.delete([...names].filter(isOf(ROOTS)).filter((name) => !live.has(name)))
    if (this.#flaws.takesBack) await this.#takeBack(lists, live)
    if (this.#options.drops) await this.#drop(lists)
  }

  /** Another recipe is whole, and neither it nor a pack of it is condemned. */
  async #isSuperseded(key: string, condemned: ReadonlySet<string>): Promise<boolean> {
    const avoided = this.#flaws.ignoresLists ? new Set([key]) : condemned
    for await (const { key: other } of this.#store.list(key.slice(0, key.lastIndexOf('/') + 1))) {
      const recipe = other === key || avoided.has(other) ? undefined : await this.#recipe(other)
      if (recipe === undefined || recipe.packs.some(({ name }) => avoided.has(packKey(name)))) continue
      let whole = true
      for (const { name, size } of recipe.packs) whole &&= (await this.#store.head(packKey(name)))?.size === size
      if (whole) return true
    }
    return false
  }

  async #drop(lists: ReadonlyMap<string, string[]>): Promise<void> {
    for (const [key, names] of lists) {
      const rest: string[] = []
      for (const name of names) if ((await this.#store.head(name)) !== undefined) rest.push(name)
      if (rest.length === names.length) continue
      if (rest.length > 0) await this.#condemn(rest, lists.keys())
      await this.#store.delete([key])
    }
  }

  async #takeBack(lists: ReadonlyMap<string, string[]>, live: ReadonlySet<string>): Promise<void> {
    for (const [key, names] of lists) if (names.some((name) => live.has(name))) await this.#store.delete([key])
  }

  async #lists(): Promise<Map<string, string[]>> {
    for (;;) {
      const lists = new Map<string, string[]>()
      try {
        for await (const { key } of this.#store.list(CONDEMNED))
          lists.set(key, decodeCondemned(await readAll(this.#store, key), key))
        return lists
      } catch (error) {
        if (!isGone(error)) throw error
      }
    }
  }

  /** Roots that are condemned count while they are there. */
  async #mark(): Promise<Marked> {
    const marked: Marked = { roots: new Map(), live: new Set(), oids: new Set() }
    for await (const { key } of this.#store.list(ROOTS)) {
      const bytes = await readAll(this.#store, key).catch(passIfGone)
      if (bytes === undefined) continue
      const root = decodeRoot(bytes, key)
      marked.roots.set(key, root)
      for (const { kind, oid } of root.needs) marked.oids.add(`${kind}-${oid}`)
    }
    for (const { includes } of marked.roots.values()) {
      for (const key of includes) {
        if (!marked.roots.has(key)) throw refused(key)
        marked.live.add(key)
      }
    }
    for (const one of marked.oids) {
      const prefix = recipePrefix(one[0] as Kind, one.slice(2))
      for await (const { key } of this.#store.list(prefix)) {
        const recipe = await this.#recipe(key)
        if (recipe === undefined) continue
        marked.live.add(key)
        for (const { name } of recipe.packs) marked.live.add(packKey(name))
      }
    }
    return marked
  }

  async #recipe(key: string): Promise<Recipe | undefined> {
    const bytes = await readAll(this.#store, key).catch(passIfGone)
    return bytes && decodeRecipe(bytes)
  }
}

function passIfGone(error: unknown): undefined {
  if (!isGone(error)) throw error
}

function refused(path: string): ArtError {
  return new ArtError('REMOTE_DAMAGED', 'a gc does not act on half of what there is', { path })
}
