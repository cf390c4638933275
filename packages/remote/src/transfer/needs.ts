import { ArtError } from '@art/core'
import { AGAIN } from '../layout/damage.ts'
import type { PackTable } from '@art/core/pack/table.ts'
import type { RecipePack } from '@art/core/recipe/recipe.ts'
import { packKey } from '../layout/keys.ts'

/** Neighbouring entries of one pack that belong together. */
export interface JoinedNeed {
  id: Uint8Array
  size: number
  first: number
  count: number
  /** For messages. */
  path: string
  /** Key of the recipe that says how. */
  recipe: string
}

export interface PieceNeed {
  file: FileNeed
  offset: number
  first: number
  count: number
}

/** A large file that is being put together. */
export interface FileNeed {
  oid: string
  size: number
  /** For messages. */
  path: string
  temporary: string
  /** Key of the recipe that says how. */
  recipe: string
}

/** What is wanted of one pack of the remote. */
export interface PackNeed {
  pack: RecipePack
  table: PackTable
  /** 1 for each entry that is a content by itself. */
  contents: Uint8Array
  joined: JoinedNeed[]
  pieces: PieceNeed[]
}

/** Gives the table of a pack, from memory or from disk. */
export type TableOf = (pack: RecipePack) => PackTable

class WantedPack implements PackNeed {
  readonly pack: RecipePack
  readonly contents: Uint8Array
  joined: JoinedNeed[] = []
  pieces: PieceNeed[] = []
  readonly #tableOf: TableOf

  constructor(pack: RecipePack, tableOf: TableOf) {
    this.pack = pack
    this.contents = new Uint8Array(pack.chunks)
    this.#tableOf = tableOf
  }

  /** Asked for each time: not all tables may be in memory together. */
  get table(): PackTable {
    return this.#tableOf(this.pack)
  }
}

/** Pieces and joined contents that are enough to be fetched together, some 10 MB of memory. */
const FULL = 100_000
/** Of one file at most, whose runs would then be far shorter than art makes them. */
const MOST = 1_000_000

/** Gathers, over some targets, what is wanted of which pack; packs keep the order in which they were first needed. */
export class Needs {
  readonly #packs = new Map<string, PackNeed>()
  readonly #tableOf: TableOf
  readonly #full: number
  #pieces = 0

  constructor(tableOf: TableOf, full = FULL) {
    this.#tableOf = tableOf
    this.#full = full
  }

  get packs(): PackNeed[] {
    return [...this.#packs.values()]
  }

  /** Something is wanted that consists of several chunks. */
  get hasSeveral(): boolean {
    return this.#pieces > 0
  }

  /** What is gathered should be fetched before more is. */
  get isFull(): boolean {
    return this.#pieces >= this.#full
  }

  of(pack: RecipePack): PackNeed {
    let need = this.#packs.get(pack.name)
    if (need === undefined) this.#packs.set(pack.name, (need = new WantedPack(pack, this.#tableOf)))
    return need
  }

  addJoined(pack: RecipePack, joined: JoinedNeed): void {
    this.#count(pack)
    this.of(pack).joined.push(joined)
  }

  addPiece(pack: RecipePack, piece: PieceNeed): void {
    this.#count(pack)
    this.of(pack).pieces.push(piece)
  }

  #count(pack: RecipePack): void {
    if (this.#pieces++ < MOST) return
    throw new ArtError('REMOTE_DAMAGED', 'the content lies in more pieces than art puts together', {
      path: packKey(pack.name),
      hint: AGAIN,
    })
  }
}

/** How many contents, besides large files, come out of a pack, and the raw bytes of all that is taken of it. */
export function extentOf({ table, contents, joined, pieces }: PackNeed): { contents: number; bytes: number } {
  let count = joined.length
  let bytes = joined.reduce((sum, { size }) => sum + size, 0)
  for (let i = 0; i < table.count; i++) {
    if (contents[i] !== 1) continue
    count++
    bytes += table.rawLength(i)
  }
  for (const { first, count: entries } of pieces)
    for (let i = first; i < first + entries; i++) bytes += table.rawLength(i)
  return { contents: count, bytes }
}

/** Entries `first` to `end` (exclusive) of a pack that are read with one request. */
export interface Stretch {
  first: number
  end: number
}

/** What is wanted of one stretch. */
export interface StretchNeed {
  readonly stretch: Stretch
  readonly joined: readonly JoinedNeed[]
  readonly pieces: readonly PieceNeed[]
}

/** What is wanted of a pack, by its stretches. Goes through it once, however many there are: a recipe may name any number of both. */
export function* stretchNeeds(need: PackNeed): Generator<StretchNeed> {
  const joined = byFirst(need.joined)
  const pieces = byFirst(need.pieces)
  let [joinedAt, piecesAt] = [0, 0]
  for (const stretch of stretches(need)) {
    const [joinedFrom, piecesFrom] = [joinedAt, piecesAt]
    while (joinedAt < joined.length && joined[joinedAt]!.first < stretch.end) joinedAt++
    while (piecesAt < pieces.length && pieces[piecesAt]!.first < stretch.end) piecesAt++
    yield { stretch, joined: joined.slice(joinedFrom, joinedAt), pieces: pieces.slice(piecesFrom, piecesAt) }
  }
}

function byFirst<T extends { first: number }>(some: readonly T[]): T[] {
  return some.toSorted((a, b) => a.first - b.first)
}

/** Bytes that are read for nothing where that saves a request: at once, and of all that is read. */
export const GAP = 256 << 10
export const WASTE = 1.25

/** Bytes after which a stretch ends where it can: what has arrived is unpacked while the next one travels. */
export const STRETCH_BYTES = 8 << 20

/** What an entry is: not wanted, the first of its content or piece, or one that must come with the entry before it. */
const FIRST = 1
const NEXT = 2

/**
 * Cuts what is wanted of a pack into few requests: gaps are read over while that costs little. The entries of one content or piece
 * always come in one stretch.
 */
export function stretches(need: PackNeed): Stretch[] {
  const { table } = need
  const wanted = Uint8Array.from(need.contents)
  for (const { first, count } of [...need.joined, ...need.pieces]) {
    for (let i = first + 1; i < first + count; i++) wanted[i] = NEXT
    if (wanted[first] === 0) wanted[first] = FIRST
  }
  const found: Stretch[] = []
  let needed = 0
  for (let i = 0; i < table.count; i++) {
    if (wanted[i] === 0) continue
    const length = table.storedLength(i)
    const last = found.at(-1)
    const read = last === undefined ? 0 : table.offset(i + 1) - table.offset(last.first)
    const gap = last === undefined ? 0 : table.offset(i) - table.offset(last.end)
    const fits = gap <= GAP && read <= Math.min(WASTE * (needed + length), STRETCH_BYTES)
    if (last !== undefined && (fits || wanted[i] === NEXT)) {
      last.end = i + 1
      needed += length
    } else {
      found.push({ first: i, end: i + 1 })
      needed = length
    }
  }
  return found
}
