import { crc32 } from 'node:zlib'
import { decodeChunkInto } from '../codec/codec.ts'
import { RAW } from '../codec/scheme.ts'
import { ArtError } from '../error.ts'
import { toHex } from '../oid.ts'
import { ENTRY_BYTES } from '../pack/layout.ts'

/** The entries of a stretch of a pack over its bytes: `table` holds theirs alone, 44 bytes each. */
export class Entries {
  readonly count: number
  readonly #table: DataView
  readonly #ids: Uint8Array
  readonly #bytes: Uint8Array
  readonly #offsets: Uint32Array

  constructor(table: Uint8Array, bytes: Uint8Array) {
    this.count = table.length / ENTRY_BYTES
    this.#table = new DataView(table.buffer, table.byteOffset, table.byteLength)
    this.#ids = table
    this.#bytes = bytes
    this.#offsets = new Uint32Array(this.count + 1)
    for (let i = 0; i < this.count; i++) this.#offsets[i + 1] = this.#offsets[i]! + this.#storedLength(i)
    if (this.#offsets[this.count] !== bytes.length)
      throw new ArtError('CORRUPT', 'a pack is shorter than its table says')
  }

  id(i: number): Uint8Array {
    return this.#ids.subarray(i * ENTRY_BYTES, i * ENTRY_BYTES + 32)
  }

  rawLength(i: number): number {
    return this.#table.getUint32(i * ENTRY_BYTES + 32, true)
  }

  /** crc32 of the raw bytes where they are what is stored. */
  rawCrc(i: number): number | undefined {
    return this.#scheme(i) === RAW ? this.#crc(i) : undefined
  }

  decode(i: number, target: Uint8Array): void {
    const stored = this.#bytes.subarray(this.#offsets[i], this.#offsets[i + 1])
    if (crc32(stored) !== this.#crc(i)) throw flipped(this.id(i))
    decodeChunkInto(this.#scheme(i), stored, target)
  }

  decodeRun(first: number, count: number, target: Uint8Array): void {
    let at = 0
    for (let i = first; i < first + count; i++) {
      const end = at + this.rawLength(i)
      this.decode(i, target.subarray(at, end))
      at = end
    }
    if (at !== target.length) throw new ArtError('CORRUPT', 'chunks do not add up to their content')
  }

  #scheme(i: number): number {
    return this.#table.getUint8(i * ENTRY_BYTES + 39)
  }

  #crc(i: number): number {
    return this.#table.getUint32(i * ENTRY_BYTES + 40, true)
  }

  #storedLength(i: number): number {
    return this.#table.getUint32(i * ENTRY_BYTES + 36, true) & 0xff_ffff
  }
}

export function flipped(id: Uint8Array): ArtError {
  return new ArtError('CORRUPT', `chunk ${toHex(id)} did not arrive as it was sent`, { retryable: true })
}
