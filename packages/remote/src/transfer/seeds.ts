import { readdirSync } from 'node:fs'
import { type CallOptions, fromHex, isArtError, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { LARGE_FILE, objectPath, temporaryPath } from '@art/core/cache/layout.ts'
import { CHUNK_MAX } from '@art/core/chunk/chunker.ts'
import { members, walkTree } from '@art/core/index/from-tree.ts'
import type { SeedCopy } from '@art/core/unpacking/seeds.ts'
import type { ObjectStore } from '../object-store.ts'
import type { KnownPacks } from './known-packs.ts'
import type { FileNeed, JoinedNeed, PackNeed, PieceNeed } from './needs.ts'
import { readRecipes } from './recipes.ts'
import { ChunkSequence } from './sequence.ts'
import type { Target } from './target.ts'

/** Chunks that are remembered, versions that they come from, and targets that are asked about: bounds memory, requests and calls of git. */
const MAX_CHUNKS = 400_000
const MAX_VERSIONS = 8
const MAX_TARGETS = 16

export type Relative = Pick<Target, 'kind' | 'oid' | 'size'>

export interface SeedContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  /** Contents that probably share chunks with a target, the likeliest first. */
  relatives?: (target: Target) => Promise<Relative[]>
}

/** Where a content, or a chunk of one, lies on this machine as it is. */
interface Place {
  path: string
  offset: number
}

/**
 * Chunks of what this machine has of earlier versions: their recipes, which the remote keeps, tell where each lies. Contents of several
 * chunks count, be they whole objects or in packs of the cache, alone or in a directory.
 */
export class Seeds {
  readonly #known: KnownPacks
  readonly #context: SeedContext
  readonly #places = new Map<string, Place>()
  readonly #asked = new Set<Target>()
  #versions = 0

  constructor(known: KnownPacks, context: SeedContext) {
    this.#known = known
    this.#context = context
  }

  /** Where this machine has a chunk. What lies there has still to be compared with its id. */
  find(id: Uint8Array): Place | undefined {
    return this.#places.get(toHex(id))
  }

  /** It was not there. */
  forget(id: Uint8Array): void {
    this.#places.delete(toHex(id))
  }

  /** Learns from the relatives of targets, the largest first. What cannot be learnt only costs bytes. */
  async learnFor(targets: readonly Target[]): Promise<void> {
    const { relatives, cache } = this.#context
    if (relatives === undefined || isEmpty(cache)) return
    const several = targets.filter((target) => target.size > CHUNK_MAX && !this.#asked.has(target))
    for (const target of several.sort((a, b) => b.size - a.size)) {
      if (this.#asked.size >= MAX_TARGETS || this.#isFull) return
      this.#asked.add(target)
      for (const relative of await relatives(target)) {
        const isLearnt = relative.kind === target.kind && (await this.#learn(relative))
        // Of a directory the version before it has nearly all that older ones have.
        if (isLearnt && relative.kind === 'd') break
      }
    }
  }

  get #isFull(): boolean {
    return this.#versions >= MAX_VERSIONS || this.#places.size >= MAX_CHUNKS
  }

  async #learn(version: Relative): Promise<boolean> {
    const { store, cache } = this.#context
    if (this.#isFull || !isHere(version, cache)) return false
    try {
      for await (const { recipe } of readRecipes(store, version, this.#context)) {
        const sequence = await ChunkSequence.open(recipe, this.#known, store, this.#context)
        if (version.kind === 'f') this.#note(sequence, 0, fromHex(version.oid), version.size)
        else this.#noteTree(sequence, fromHex(version.oid))
        this.#versions++
        return true
      }
    } catch (error) {
      if (!isArtError(error) || error.code === 'INTERRUPTED') throw error
    }
    return false
  }

  #noteTree(sequence: ChunkSequence, root: Uint8Array): void {
    const { cache } = this.#context
    const walk = walkTree(root)
    let at = 0
    let step = walk.next()
    for (; !step.done; at++) step = walk.next(cache.readNode(step.value))
    for (const { section, i } of members(step.value)) {
      if (this.#places.size >= MAX_CHUNKS) return
      at = this.#note(sequence, at, section.records.oid(i), section.records.size(i))
    }
  }

  /** Notes the chunks of a content that start at `at`, where it is here; returns where the next one's start. */
  #note(sequence: ChunkSequence, at: number, id: Uint8Array, size: number): number {
    const place =
      size > CHUNK_MAX && this.#places.size < MAX_CHUNKS ? placeOf(id, size, this.#context.cache) : undefined
    let offset = 0
    for (; offset < size && at < sequence.count; at++) {
      if (place !== undefined)
        this.#places.set(toHex(sequence.id(at)), { path: place.path, offset: place.offset + offset })
      offset += sequence.rawLength(at)
    }
    return at
  }

  /**
   * Takes out of the needs what can be copied from here; returns the copies for each file. A content of a pack of which some chunks are
   * here is put together in a file, and joins `files`.
   */
  take(packs: readonly PackNeed[], files: Map<string, FileNeed>): Map<FileNeed, SeedCopy[]> {
    const copies = new Map<FileNeed, SeedCopy[]>()
    if (this.#places.size === 0) return copies
    for (const need of packs) {
      const { table } = need
      const pieces = [...need.pieces]
      need.joined = need.joined.filter((joined) => {
        const { first, count } = joined
        let isKnown = false
        for (let i = first; i < first + count && !isKnown; i++) isKnown = this.find(table.id(i)) !== undefined
        // A content that occurs again is put together once.
        if (isKnown && !files.has(toHex(joined.id)))
          pieces.push({ file: this.#fileFor(joined, files), offset: 0, first, count })
        return !isKnown
      })
      need.pieces = pieces.flatMap((piece) => this.#split(need, piece, copies))
    }
    return copies
  }

  #fileFor({ id, size, path, recipe }: JoinedNeed, files: Map<string, FileNeed>): FileNeed {
    const oid = toHex(id)
    const file = { oid, size, path, recipe, temporary: temporaryPath(this.#context.cache.layout) }
    files.set(oid, file)
    return file
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

function isEmpty({ packs, layout }: Cache): boolean {
  return packs.tables.length === 0 && readdirSync(layout.objects).length === 0
}

function isHere({ kind, oid, size }: Relative, cache: Cache): boolean {
  if (kind === 'd') return cache.hasNode(fromHex(oid))
  return size > CHUNK_MAX && placeOf(fromHex(oid), size, cache) !== undefined
}

/** Whole objects lie by themselves; in a pack of the cache a content lies as it is, too. What is damaged there shows in the end. */
function placeOf(id: Uint8Array, size: number, cache: Cache): Place | undefined {
  if (size >= LARGE_FILE) {
    const oid = toHex(id)
    return cache.largeSize(oid) === size ? { path: objectPath(cache.layout, oid), offset: 0 } : undefined
  }
  const { packs } = cache
  const found = packs.find(id)
  if (found === undefined) return undefined
  const table = packs.tables[found.pack]!
  return table.rawLength(found.entry) === size
    ? { path: packs.pathOf(found.pack), offset: table.offset(found.entry) }
    : undefined
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
