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

/** A run of records over any buffer, shared ones too. `count` records start at byte `start`, a multiple of 8. */
export class Records {
  readonly count: number
  readonly bytes: Uint8Array
  readonly #floats: Float64Array
  readonly #words: Uint32Array

  constructor(buffer: ArrayBufferLike, start: number, count: number) {
    this.count = count
    this.bytes = new Uint8Array(buffer, start, count * RECORD_BYTES)
    this.#floats = new Float64Array(buffer, start, count * WORDS)
    this.#words = new Uint32Array(buffer, start, count * WORDS * 2)
  }

  static allocate(count: number): Records {
    return new Records(new ArrayBuffer(count * RECORD_BYTES), 0, count)
  }

  size(i: number): number {
    return this.#floats[i * WORDS]!
  }
  setSize(i: number, size: number): void {
    this.#floats[i * WORDS] = size
  }
  flags(i: number): number {
    return this.#words[i * WORDS * 2 + 9]!
  }
  setFlags(i: number, flags: number): void {
    this.#words[i * WORDS * 2 + 9] = flags
  }
  nameHash(i: number): number {
    return this.#words[i * WORDS * 2 + 8]!
  }
  setNameHash(i: number, hash: number): void {
    this.#words[i * WORDS * 2 + 8] = hash
  }
  nameLength(i: number): number {
    return this.#words[i * WORDS * 2 + 20]!
  }
  setNameLength(i: number, length: number): void {
    this.#words[i * WORDS * 2 + 20] = length
  }
  /** The 32 bytes themselves, not a copy. */
  oid(i: number): Uint8Array {
    return this.bytes.subarray(i * RECORD_BYTES + OID_AT, i * RECORD_BYTES + OID_AT + 32)
  }
  setOid(i: number, oid: Uint8Array): void {
    this.bytes.set(oid, i * RECORD_BYTES + OID_AT)
  }
  /** xxh64 as two little-endian words; [0, 0] where none was taken. */
  quickHash(i: number): bigint {
    return (BigInt(this.#words[i * WORDS * 2 + 19]!) << 32n) | BigInt(this.#words[i * WORDS * 2 + 18]!)
  }
  setQuickHash(i: number, hash: bigint): void {
    this.#words[i * WORDS * 2 + 18] = Number(hash & 0xffffffffn)
    this.#words[i * WORDS * 2 + 19] = Number(hash >> 32n)
  }
  mtime(i: number): number {
    return this.#floats[i * WORDS + 1]!
  }
  setStat(i: number, stat: Stats): void {
    const at = i * WORDS
    this.#floats[at] = stat.size
    this.#floats[at + 1] = stat.mtimeMs
    this.#floats[at + 2] = stat.ctimeMs
    this.#floats[at + 3] = stat.ino
  }
  sameStat(i: number, stat: Stats): boolean {
    const at = i * WORDS
    const f = this.#floats
    return f[at] === stat.size && f[at + 1] === stat.mtimeMs && f[at + 2] === stat.ctimeMs && f[at + 3] === stat.ino
  }
  /** The later of mtime and ctime, in ms. */
  changedAt(i: number): number {
    return Math.max(this.#floats[i * WORDS + 1]!, this.#floats[i * WORDS + 2]!)
  }
  copyFrom(i: number, other: Records, j: number): void {
    this.bytes.set(other.bytes.subarray(j * RECORD_BYTES, (j + 1) * RECORD_BYTES), i * RECORD_BYTES)
  }
}

export function isExecutable(stat: Stats | BigIntStats): boolean {
  return (Number(stat.mode) & 0o100) !== 0
}
