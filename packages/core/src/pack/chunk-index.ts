import { OID_BYTES } from '../oid.ts'
import { seedsFor, slotOf, WORDS } from './id-slots.ts'
import { ENTRY_BYTES } from './layout.ts'

/** Everything an index consists of, in memory that threads share: post it to a worker and call `ChunkIndex.from`. */
export interface ChunkIndexState {
  /** Open addressing: number of an entry plus 1, or 0. */
  slots: SharedArrayBuffer
  /** 32 bytes for each entry. */
  ids: SharedArrayBuffer
  /** u32 for each pack: number of its first entry; one more for the end. */
  starts: SharedArrayBuffer
  /** Eight u32, so that nobody who chooses ids can make them collide. */
  seeds: SharedArrayBuffer
}

export interface IndexedTable {
  /** `count` entries of 44 bytes (`PackTable.bytes`). */
  table: Uint8Array
  count: number
  /** Entries that are not to be found. */
  without?: ReadonlySet<number> | undefined
}

const ENTRY_WORDS = ENTRY_BYTES / 4

/** Finds ids among the entries of many pack tables. It never changes; entries are numbered through all packs, in order. */
export class ChunkIndex {
  readonly state: ChunkIndexState
  readonly count: number
  readonly #slots: Uint32Array
  readonly #ids: Uint32Array
  readonly #starts: Uint32Array
  readonly #seeds: Uint32Array
  readonly #sought = new Uint32Array(WORDS)
  readonly #soughtBytes = new Uint8Array(this.#sought.buffer)

  private constructor(state: ChunkIndexState) {
    this.state = state
    this.#slots = new Uint32Array(state.slots)
    this.#ids = new Uint32Array(state.ids)
    this.#starts = new Uint32Array(state.starts)
    this.#seeds = new Uint32Array(state.seeds)
    this.count = this.#ids.length / WORDS
  }

  /** Of an id that occurs twice, the first entry is found. */
  static build(tables: readonly IndexedTable[]): ChunkIndex {
    const startsBuffer = new SharedArrayBuffer((tables.length + 1) * 4)
    const starts = new Uint32Array(startsBuffer)
    let count = 0
    for (const [i, table] of tables.entries()) {
      starts[i] = count
      count += table.count
    }
    starts[tables.length] = count
    let capacity = 16
    while (capacity < count * 2) capacity *= 2
    const seeds = new SharedArrayBuffer(OID_BYTES)
    new Uint32Array(seeds).set(seedsFor(count))
    const index = new ChunkIndex({
      slots: new SharedArrayBuffer(capacity * 4),
      ids: new SharedArrayBuffer(count * OID_BYTES),
      starts: startsBuffer,
      seeds,
    })
    index.#fill(tables)
    return index
  }

  static from(state: ChunkIndexState): ChunkIndex {
    return new ChunkIndex(state)
  }

  /** Number of the entry with the id of 32 bytes at `at`, or -1. */
  lookup(id: Uint8Array, at = 0): number {
    const bytes = this.#soughtBytes
    for (let i = 0; i < OID_BYTES; i++) bytes[i] = id[at + i]!
    const found = this.#slots[this.#slotOf(this.#sought, 0)]!
    return found - 1
  }

  packOf(entry: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#starts[middle]! <= entry) low = middle
      else high = middle
    }
    return low
  }

  /** Number of the entry within its own pack. */
  entryOf(entry: number): number {
    return entry - this.#starts[this.packOf(entry)]!
  }

  #fill(tables: readonly IndexedTable[]): void {
    let entry = 0
    for (const { table, count, without } of tables) {
      const words = wordsOf(table)
      for (let i = 0; i < count; i++, entry++) {
        const from = i * ENTRY_WORDS
        const to = entry * WORDS
        for (let k = 0; k < WORDS; k++) this.#ids[to + k] = words[from + k]!
        if (without?.has(i)) continue
        const slot = this.#slotOf(this.#ids, to)
        if (this.#slots[slot] === 0) this.#slots[slot] = entry + 1
      }
    }
  }

  #slotOf(words: Uint32Array, at: number): number {
    return slotOf(this.#slots, this.#ids, this.#seeds, words, at)
  }
}

/** Four bytes at once, in the machine's own order; a table that is not aligned is copied. */
function wordsOf(table: Uint8Array): Uint32Array {
  const { buffer, byteOffset } = table.byteOffset % 4 === 0 ? table : new Uint8Array(table)
  return new Uint32Array(buffer, byteOffset, table.length >> 2)
}
