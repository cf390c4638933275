import { randomFillSync } from 'node:crypto'
import { OID_BYTES } from '../oid.ts'
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

const WORDS = OID_BYTES / 4

// Nobody can make a table of so few entries slow, and loading node:crypto costs a short command 3 ms.
const FEW = 4096
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
    new Uint32Array(seeds).set(count < FEW ? guessableSeeds() : randomFillSync(new Uint32Array(WORDS)))
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

  /** The slot that holds this id, or the empty one where it belongs. */
  #slotOf(words: Uint32Array, at: number): number {
    const slots = this.#slots
    const ids = this.#ids
    const last = slots.length - 1
    let hash = 0
    for (let i = 0; i < WORDS; i++) hash = Math.imul(hash ^ words[at + i]!, this.#seeds[i]! | 1) ^ (hash >>> 15)
    for (let slot = (hash ^ (hash >>> 16)) & last; ; slot = (slot + 1) & last) {
      const entry = slots[slot]!
      if (entry === 0 || same(ids, (entry - 1) * WORDS, words, at)) return slot
    }
  }
}

/** Four bytes at once, in the machine's own order; a table that is not aligned is copied. */
function wordsOf(table: Uint8Array): Uint32Array {
  const { buffer, byteOffset } = table.byteOffset % 4 === 0 ? table : new Uint8Array(table)
  return new Uint32Array(buffer, byteOffset, table.length >> 2)
}

function same(a: Uint32Array, i: number, b: Uint32Array, j: number): boolean {
  for (let k = 0; k < WORDS; k++) if (a[i + k] !== b[j + k]) return false
  return true
}

function guessableSeeds(): Uint32Array {
  return Uint32Array.from({ length: WORDS }, () => Math.random() * 0x100000000)
}
