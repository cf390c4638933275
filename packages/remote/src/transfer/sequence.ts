import { ArtError, type CallOptions } from '@art/core'
import { AGAIN } from '../layout/damage.ts'
import { CHUNK_MIN } from '@art/core/chunk/chunker.ts'
import type { PackTable } from '@art/core/pack/table.ts'
import type { Recipe, RecipePack } from '@art/core/recipe/recipe.ts'
import type { ObjectStore } from '../object-store.ts'
import type { KnownPacks } from './known-packs.ts'
import { mapParallel } from './parallel.ts'

/** Where a chunk is. */
export interface ChunkPlace {
  pack: RecipePack
  /** Of the pack in the recipe. */
  number: number
  table: PackTable
  entry: number
}

/**
 * The chunks of a recipe's stream, one after another. It holds the runs as they are, since three bytes of a recipe can stand for a million
 * chunks; so it is quick at going forwards, and at small steps back.
 */
export class ChunkSequence {
  readonly recipe: Recipe
  readonly count: number
  readonly #known: KnownPacks
  /** The run that was used last, times three, and the number of its first chunk. */
  #run = 0
  #start = 0

  private constructor(recipe: Recipe, known: KnownPacks, count: number) {
    this.recipe = recipe
    this.#known = known
    this.count = count
  }

  /** Gets the tables of all packs that the recipe names, and checks that its chunks make a stream of its size. */
  static async open(
    recipe: Recipe,
    known: KnownPacks,
    store: ObjectStore,
    options?: CallOptions,
  ): Promise<ChunkSequence> {
    const { runs, kind, size } = recipe
    let count = 0
    for (let i = 2; i < runs.length; i += 3) count += runs[i]!
    // Only the last chunk of a file may be smaller than the least.
    const most = kind === 'f' ? Math.ceil(size / CHUNK_MIN) : size
    if (count > Math.min(most, MAX_CHUNKS)) throw inconsistent(recipe)
    await mapParallel(recipe.packs, (pack) => known.table(store, pack, options))
    const sequence = new ChunkSequence(recipe, known, count)
    if (sequence.#sizeOfAll() !== size) throw inconsistent(recipe)
    return sequence
  }

  place(i: number): ChunkPlace {
    const { runs, packs } = this.recipe
    this.#seek(i)
    const number = runs[this.#run]!
    const pack = packs[number]!
    return { pack, number, table: this.#known.tableAgain(pack), entry: runs[this.#run + 1]! + i - this.#start }
  }

  rawLength(i: number): number {
    const { table, entry } = this.place(i)
    return table.rawLength(entry)
  }

  id(i: number): Uint8Array {
    const { table, entry } = this.place(i)
    return table.id(entry)
  }

  /** The same number for chunks that are the same entry of a pack: a stream repeats what its file repeats. */
  key(i: number): number {
    const { number, entry } = this.place(i)
    return chunkKey(number, entry)
  }

  /** Does a chunk lie right behind the one before it? */
  follows(i: number): boolean {
    const { runs } = this.recipe
    this.#seek(i)
    if (i > this.#start) return true
    const [run, before] = [this.#run, this.#run - 3]
    return before >= 0 && runs[before] === runs[run] && runs[before + 1]! + runs[before + 2]! === runs[run + 1]
  }

  #seek(i: number): void {
    const { runs } = this.recipe
    if (i < 0 || i >= this.count) throw new RangeError(`chunk ${i} of ${this.count}`)
    while (i < this.#start) {
      this.#run -= 3
      this.#start -= runs[this.#run + 2]!
    }
    while (i >= this.#start + runs[this.#run + 2]!) {
      this.#start += runs[this.#run + 2]!
      this.#run += 3
    }
  }

  #sizeOfAll(): number {
    const { runs, packs } = this.recipe
    let size = 0
    for (let run = 0; run < runs.length; run += 3) {
      const table = this.#known.tableAgain(packs[runs[run]!]!)
      const first = runs[run + 1]!
      for (let entry = first; entry < first + runs[run + 2]!; entry++) size += table.rawLength(entry)
    }
    return size
  }
}

export function chunkKey(pack: number, entry: number): number {
  return pack * ENTRY_LIMIT + entry
}

/** No pack of 64 MiB has as many entries of 44 bytes. */
const ENTRY_LIMIT = 1 << 21

/** A bound on how long a hostile recipe keeps this process busy: some 1 TB of ordinary chunks. */
const MAX_CHUNKS = 1 << 24

export function inconsistent({ kind, oid }: { kind: string; oid: string }): ArtError {
  return new ArtError('REMOTE_DAMAGED', 'a recipe of the remote does not fit its content', {
    path: `recipes/${kind}-${oid}`,
    hint: AGAIN,
  })
}
