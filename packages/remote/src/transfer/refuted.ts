import type { ArtError } from '@art/core'
import { reasonFor } from '../layout/damage.ts'
import type { KnownPack } from './known-packs.ts'
import type { Target } from './target.ts'

/** What has turned out to be of no use during a fetch, and why: another recipe of the same content may still be whole. */
export class Refuted {
  readonly recipes = new Set<string>()
  readonly packs = new Set<string>()
  /** Contents that copies from older files of the cache did not make. */
  readonly seeds = new Set<string>()
  readonly #targets = new Map<Target, string>()
  readonly #contents = new Map<string, string>()

  /** Grows with each thing that is refuted: while it does, there is something else to try. */
  get size(): number {
    return this.recipes.size + this.packs.size + this.seeds.size
  }

  recipe(target: Target, key: string, error: ArtError): void {
    this.recipes.add(key)
    this.#targets.set(target, `${error.path ?? key}: ${reasonFor(error)}`)
  }

  /** Of no use whatever the remote has: nothing else is to be tried for that. */
  tree(target: Target, error: ArtError): void {
    const reason = reasonFor(error)
    this.#targets.set(target, error.path === undefined ? reason : `${error.path}: ${reason}`)
  }

  pack({ name }: Pick<KnownPack, 'name'>): void {
    this.packs.add(name)
  }

  contents(failures: ReadonlyMap<string, string>): void {
    for (const [oid, message] of failures) this.#contents.set(oid, message)
  }

  reasonOf(target: Target, oid?: string): string | undefined {
    return (oid === undefined ? undefined : this.#contents.get(oid)) ?? this.#targets.get(target)
  }

  uses(key: string, packs: readonly { name: string }[]): boolean {
    return this.recipes.has(key) || packs.some(({ name }) => this.packs.has(name))
  }
}
