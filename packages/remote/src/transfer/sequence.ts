import { ArtError, type CallOptions } from '@art/core'
import { CHUNK_MIN } from '@art/core/chunk/chunker.ts'
import type { PackTable } from '@art/core/pack/table.ts'
import type { Recipe, RecipePack } from '@art/core/recipe/recipe.ts'
import type { ObjectStore } from '../object-store.ts'
import type { KnownPacks } from './known-packs.ts'
import { mapParallel } from './presence.ts'

/** The chunks of a recipe's stream, one after another. */
export class ChunkSequence {
  readonly recipe: Recipe
  readonly tables: readonly PackTable[]
  readonly count: number
  /** For each chunk: the recipe's pack, and the entry there. */
  readonly packs: Uint32Array
  readonly entries: Uint32Array

  private constructor(recipe: Recipe, tables: readonly PackTable[]) {
    this.recipe = recipe
    this.tables = tables
    let count = 0
    for (let i = 2; i < recipe.runs.length; i += 3) count += recipe.runs[i]!
    this.count = count
    this.packs = new Uint32Array(count)
    this.entries = new Uint32Array(count)
    let at = 0
    for (let i = 0; i < recipe.runs.length; i += 3) {
      for (let k = 0; k < recipe.runs[i + 2]!; k++, at++) {
        this.packs[at] = recipe.runs[i]!
        this.entries[at] = recipe.runs[i + 1]! + k
      }
    }
  }

  /** Gets the tables of all packs that the recipe names, and checks that its chunks make a stream of its size. */
  static async open(
    recipe: Recipe,
    known: KnownPacks,
    store: ObjectStore,
    options?: CallOptions,
  ): Promise<ChunkSequence> {
    const tables = await mapParallel(recipe.packs, (pack) => known.table(store, pack, options))
    const chunks = recipe.runs.reduce((sum, value, i) => (i % 3 === 2 ? sum + value : sum), 0)
    // Only the last chunk of a file may be smaller than the least.
    const most = recipe.kind === 'f' ? Math.ceil(recipe.size / CHUNK_MIN) : recipe.size
    if (chunks > Math.min(most, MAX_CHUNKS)) throw inconsistent(recipe)
    const sequence = new ChunkSequence(recipe, tables)
    let size = 0
    for (let i = 0; i < sequence.count; i++) size += sequence.rawLength(i)
    if (size !== recipe.size) throw inconsistent(recipe)
    return sequence
  }

  rawLength(i: number): number {
    return this.tables[this.packs[i]!]!.rawLength(this.entries[i]!)
  }

  id(i: number): Uint8Array {
    return this.tables[this.packs[i]!]!.id(this.entries[i]!)
  }

  /** The same number for chunks that are the same entry of a pack: a stream repeats what its file repeats. */
  key(i: number): number {
    return chunkKey(this.packs[i]!, this.entries[i]!)
  }

  pack(i: number): RecipePack {
    return this.recipe.packs[this.packs[i]!]!
  }
}

export function chunkKey(pack: number, entry: number): number {
  return pack * ENTRY_LIMIT + entry
}

/** No pack of 64 MiB has as many entries of 44 bytes. */
const ENTRY_LIMIT = 1 << 21

/** A bound on what a hostile recipe can make this process allocate, 128 MB: some 1 TB of ordinary chunks. */
const MAX_CHUNKS = 1 << 24

export function inconsistent({ kind, oid }: { kind: string; oid: string }): ArtError {
  return new ArtError('REMOTE_DAMAGED', 'a recipe of the remote does not fit its content', {
    path: `recipes/${kind}-${oid}`,
    hint: 'Push again from a clone that has the data.',
  })
}
