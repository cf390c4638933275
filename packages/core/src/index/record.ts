import type { BigIntStats, Stats } from 'node:fs'

/**
 * One entry of a tracked folder as 88 bytes: what `lstat` said of it and the oid of its content.
 * Offsets: size f64 0 · mtime ms f64 8 · ctime ms f64 16 · inode f64 24 · name hash u32 32 · flags u32 36 · oid 40 ·
 * xxh64 u64 72 (large files only) · name length u32 80 · reserved u32 84.
 */
export const RECORD_BYTES = 88
const WORDS = RECORD_BYTES / 8
const OID_AT = 40

export const flag = {
  file: 0,
  folder: 1,
  symlink: 2,
  kindMask: 3,
  executable: 4,
  racy: 8,
  stat: 16,
  pending: 32,
  /** Put there, or taken into the cache, by art itself: not a content that was only met. */
  settled: 64,
} as const

/** Views over memory that many runs of records may share: three of their own each would weigh more than the records of a small folder. */
export class RecordMemory {
  readonly bytes: Uint8Array
  readonly floats: Float64Array
  readonly words: Uint32Array

  /** Starts at a multiple of 8; what is behind the last multiple of 8 bytes is left out. */
  constructor(buffer: ArrayBufferLike, start = 0, length = buffer.byteLength - start) {
    this.bytes = new Uint8Array(buffer, start, length)
    this.floats = new Float64Array(buffer, start, length >> 3)
    this.words = new Uint32Array(buffer, start, (length >> 3) * 2)
  }
}

/** A run of records over any buffer, shared ones too. `count` records start at byte `start`, a multiple of 8. */
export class Records {
  readonly count: number
  readonly #memory: RecordMemory
  /** Where they start, in words of 8 bytes. */
  readonly #base: number

  constructor(memory: RecordMemory | ArrayBufferLike, start: number, count: number) {
    const isShared = memory instanceof RecordMemory
    this.count = count
    this.#memory = isShared ? memory : new RecordMemory(memory, start, count * RECORD_BYTES)
    this.#base = isShared ? start / 8 : 0
  }

  static allocate(count: number): Records {
    return new Records(new ArrayBuffer(count * RECORD_BYTES), 0, count)
  }

  get bytes(): Uint8Array {
    return this.#slice(0, this.count * RECORD_BYTES)
  }

  #slice(from: number, length: number): Uint8Array {
    const start = this.#base * 8 + from
    return this.#memory.bytes.subarray(start, start + length)
  }

  /** Where a record starts, in words of 8 bytes. */
  #at(i: number): number {
    return this.#base + i * WORDS
  }

  size(i: number): number {
    return this.#memory.floats[this.#at(i)]!
  }
  setSize(i: number, size: number): void {
    this.#memory.floats[this.#at(i)] = size
  }
  flags(i: number): number {
    return this.#memory.words[this.#at(i) * 2 + 9]!
  }
  setFlags(i: number, flags: number): void {
    this.#memory.words[this.#at(i) * 2 + 9] = flags
  }
  nameHash(i: number): number {
    return this.#memory.words[this.#at(i) * 2 + 8]!
  }
  setNameHash(i: number, hash: number): void {
    this.#memory.words[this.#at(i) * 2 + 8] = hash
  }
  nameLength(i: number): number {
    return this.#memory.words[this.#at(i) * 2 + 20]!
  }
  setNameLength(i: number, length: number): void {
    this.#memory.words[this.#at(i) * 2 + 20] = length
  }
  /** The 32 bytes themselves, not a copy. */
  oid(i: number): Uint8Array {
    return this.#slice(i * RECORD_BYTES + OID_AT, 32)
  }
  setOid(i: number, oid: Uint8Array): void {
    this.#memory.bytes.set(oid, this.#at(i) * 8 + OID_AT)
  }
  /** xxh64 as two little-endian words; [0, 0] where none was taken. */
  quickHash(i: number): bigint {
    return (
      (BigInt(this.#memory.words[this.#at(i) * 2 + 19]!) << 32n) | BigInt(this.#memory.words[this.#at(i) * 2 + 18]!)
    )
  }
  setQuickHash(i: number, hash: bigint): void {
    this.#memory.words[this.#at(i) * 2 + 18] = Number(hash & 0xffffffffn)
    this.#memory.words[this.#at(i) * 2 + 19] = Number(hash >> 32n)
  }
  mtime(i: number): number {
    return this.#memory.floats[this.#at(i) + 1]!
  }
  setStat(i: number, stat: Stats): void {
    const at = this.#at(i)
    const { floats } = this.#memory
    floats[at] = stat.size
    floats[at + 1] = stat.mtimeMs
    floats[at + 2] = stat.ctimeMs
    floats[at + 3] = stat.ino
  }
  sameStat(i: number, stat: Stats): boolean {
    const at = this.#at(i)
    const f = this.#memory.floats
    return f[at] === stat.size && f[at + 1] === stat.mtimeMs && f[at + 2] === stat.ctimeMs && f[at + 3] === stat.ino
  }
  /** The later of mtime and ctime, in ms. */
  changedAt(i: number): number {
    return Math.max(this.#memory.floats[this.#at(i) + 1]!, this.#memory.floats[this.#at(i) + 2]!)
  }
  copyFrom(i: number, other: Records, j: number): void {
    this.#memory.bytes.set(other.#slice(j * RECORD_BYTES, RECORD_BYTES), this.#at(i) * 8)
  }
}

const SHARED_BYTES = 256 << 10

/** Records for many small folders, in memory that they share. */
export class RecordAllocator {
  #memory: RecordMemory | undefined
  #used = 0

  allocate(count: number): Records {
    const length = count * RECORD_BYTES
    if (length > SHARED_BYTES >> 2) return Records.allocate(count)
    if (this.#memory === undefined || this.#used + length > SHARED_BYTES) {
      this.#memory = new RecordMemory(new ArrayBuffer(SHARED_BYTES))
      this.#used = 0
    }
    const records = new Records(this.#memory, this.#used, count)
    this.#used += length
    return records
  }
}

export function isExecutable(stat: Stats | BigIntStats): boolean {
  return (Number(stat.mode) & 0o100) !== 0
}
