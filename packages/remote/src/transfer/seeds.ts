import { type CallOptions, isArtError, type Oid, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { objectPath } from '@art/core/cache/layout.ts'
import { verifySealed } from '@art/core/cache/seal.ts'
import type { SeedCopy } from '@art/core/unpacking/seeds.ts'
import type { ObjectStore } from '../object-store.ts'
import type { KnownPacks } from './known-packs.ts'
import type { FileNeed, PackNeed, PieceNeed } from './needs.ts'
import { readRecipes } from './recipes.ts'
import { ChunkSequence } from './sequence.ts'
import type { Target } from './target.ts'

/** Chunks that are remembered, and files that they come from: bounds memory and requests. */
const MAX_CHUNKS = 400_000
const MAX_FILES = 4

/** Contents that probably share chunks with a target: what the cache has of them need not travel. */
export type Relatives = (target: Target) => Promise<Pick<Target, 'kind' | 'oid' | 'size'>[]>

interface LearnContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  relatives?: Relatives
}

interface Place {
  path: string
  offset: number
}

/** Chunks of whole objects that this machine has: their recipes, which the remote keeps, tell where each lies. */
export class Seeds {
  readonly #places = new Map<string, Place>()
  #files = 0

  get isEmpty(): boolean {
    return this.#places.size === 0
  }

  /** Where this machine has a chunk. What lies there has still to be compared with its id. */
  find(id: Uint8Array): Place | undefined {
    return this.#places.get(toHex(id))
  }

  /** It was not there. */
  forget(id: Uint8Array): void {
    this.#places.delete(toHex(id))
  }

  async learnRelatives(target: Target, known: KnownPacks, context: LearnContext): Promise<void> {
    const relatives = (await context.relatives?.(target)) ?? []
    for (const relative of relatives)
      if (relative.kind === 'f') await this.learn(relative, context.cache, known, context.store, context)
  }

  /** Learns the chunks of a cached file. What cannot be learnt only costs bytes. */
  async learn(
    file: { oid: Oid; size: number },
    cache: Cache,
    known: KnownPacks,
    store: ObjectStore,
    options?: CallOptions,
  ): Promise<void> {
    if (this.#files >= MAX_FILES || this.#places.size >= MAX_CHUNKS || cache.largeSize(file.oid) !== file.size) return
    const path = objectPath(cache.layout, file.oid)
    try {
      verifySealed(path, file.oid)
      for await (const { recipe } of readRecipes(store, { kind: 'f', oid: file.oid }, options)) {
        const sequence = await ChunkSequence.open(recipe, known, store, options)
        let offset = 0
        for (let i = 0; i < sequence.count && this.#places.size < MAX_CHUNKS; i++) {
          this.#places.set(toHex(sequence.id(i)), { path, offset })
          offset += sequence.rawLength(i)
        }
        this.#files++
        return
      }
    } catch (error) {
      if (!isArtError(error) || error.code === 'INTERRUPTED') throw error
    }
  }

  /** Takes out of the needs what can be copied from here; returns the copies for each file. */
  take(packs: readonly PackNeed[]): Map<FileNeed, SeedCopy[]> {
    const copies = new Map<FileNeed, SeedCopy[]>()
    if (this.isEmpty) return copies
    for (const need of packs) need.pieces = need.pieces.flatMap((piece) => this.#split(need, piece, copies))
    return copies
  }

  #split({ table }: PackNeed, piece: PieceNeed, copies: Map<FileNeed, SeedCopy[]>): PieceNeed[] {
    const left: PieceNeed[] = []
    let { offset } = piece
    for (let i = piece.first; i < piece.first + piece.count; i++) {
      const length = table.rawLength(i)
      const place = this.find(table.id(i))
      const last = left.at(-1)
      if (place !== undefined) addCopy(copies, piece.file, place, offset, length)
      else if (last !== undefined && last.first + last.count === i) last.count++
      else left.push({ file: piece.file, offset, first: i, count: 1 })
      offset += length
    }
    return left
  }
}

function addCopy(
  copies: Map<FileNeed, SeedCopy[]>,
  file: FileNeed,
  place: Place,
  offset: number,
  length: number,
): void {
  let list = copies.get(file)
  if (list === undefined) copies.set(file, (list = []))
  const last = list.at(-1)
  const joins =
    last?.from === place.path && last.fromOffset + last.length === place.offset && last.offset + last.length === offset
  if (joins) last.length += length
  else list.push({ from: place.path, fromOffset: place.offset, length, offset })
}
