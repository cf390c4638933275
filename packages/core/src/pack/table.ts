import { crc32 } from '../hash/crc32.ts'
import { ArtError } from '../error.ts'
import { OID_BYTES } from '../oid.ts'
import { ENTRY_BYTES, ENTRY_RAW_MAX, FOOTER_BYTES, HASH_SHA256, PACK_MAGIC, PACK_MAX, PACK_VERSION } from './layout.ts'

export { FOOTER_BYTES, PACK_MAX, packTailSize } from './layout.ts'
export { PackTableBuilder } from './table-builder.ts'

const ENTRIES_MAX = Math.floor((PACK_MAX - FOOTER_BYTES) / ENTRY_BYTES)

/**
 * Reads the last `FOOTER_BYTES` bytes of a pack; more before them do no harm. Fails with `UNSUPPORTED` where a newer art wrote it and
 * with `CORRUPT` where it is no footer.
 */
export function parseFooter(bytes: Uint8Array): { count: number; tableBytes: number; tableCrc: number } {
  if (bytes.length < FOOTER_BYTES) throw corrupt('shorter than a footer')
  const footer = viewOf(bytes.subarray(bytes.length - FOOTER_BYTES))
  for (let i = 0; i < PACK_MAGIC.length; i++) {
    if (footer.getUint8(12 + i) !== PACK_MAGIC[i]) throw corrupt('the magic bytes at the end are missing')
  }
  const version = footer.getUint8(8)
  const hash = footer.getUint8(9)
  if (version !== PACK_VERSION || hash !== HASH_SHA256) {
    throw new ArtError('UNSUPPORTED', `pack of version ${version} with hash ${hash}`, { hint: 'Update art.' })
  }
  if (footer.getUint16(10, true) !== 0) throw corrupt('reserved bytes are not zero')
  const count = footer.getUint32(0, true)
  if (count > ENTRIES_MAX) throw corrupt(`${count} entries are more than a pack can hold`)
  return { count, tableBytes: count * ENTRY_BYTES, tableCrc: footer.getUint32(4, true) }
}

/** What a pack says of its contents: entry numbers count from 0 in the order of the bytes. */
export class PackTable {
  readonly count: number
  /** The entries as they are in the pack, 44 bytes each. */
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #offsets: Uint32Array

  private constructor(bytes: Uint8Array, offsets: Uint32Array) {
    this.bytes = bytes
    this.count = offsets.length - 1
    this.#view = viewOf(bytes)
    this.#offsets = offsets
  }

  /**
   * `tail` is the end of a pack of `packSize` bytes and contains at least table and footer; the table stays a view of it. Fails with
   * `CORRUPT` or `UNSUPPORTED`.
   */
  static parse(tail: Uint8Array, packSize: number): PackTable {
    if (packSize > PACK_MAX) throw corrupt(`${packSize} bytes are more than a pack may have`)
    const { count, tableBytes, tableCrc } = parseFooter(tail)
    const tailBytes = tableBytes + FOOTER_BYTES
    if (tailBytes > packSize) throw corrupt('the table is larger than the pack')
    if (tailBytes > tail.length) throw corrupt('the table is cut off')
    const bytes = tail.subarray(tail.length - tailBytes, tail.length - FOOTER_BYTES)
    if (crc32(bytes) !== tableCrc) throw corrupt('the table does not match its checksum')
    const offsets = sumOffsets(bytes, count)
    if (offsets[count] !== packSize - tailBytes) throw corrupt('the entries do not add up to its size')
    return new PackTable(bytes, offsets)
  }

  /** 32 raw bytes, a view. */
  id(i: number): Uint8Array {
    return this.bytes.subarray(i * ENTRY_BYTES, i * ENTRY_BYTES + OID_BYTES)
  }

  rawLength(i: number): number {
    return this.#view.getUint32(i * ENTRY_BYTES + 32, true)
  }

  storedLength(i: number): number {
    return this.#view.getUint32(i * ENTRY_BYTES + 36, true) & 0xff_ffff
  }

  scheme(i: number): number {
    return this.#view.getUint8(i * ENTRY_BYTES + 39)
  }

  /** crc32 of the stored bytes. */
  crc(i: number): number {
    return this.#view.getUint32(i * ENTRY_BYTES + 40, true)
  }

  /** Where the entry's stored bytes start in the pack; `offset(count)` is where they all end. */
  offset(i: number): number {
    const offset = this.#offsets[i]
    if (offset === undefined) throw new RangeError(`entry ${i} of ${this.count}`)
    return offset
  }
}

function sumOffsets(bytes: Uint8Array, count: number): Uint32Array {
  const view = viewOf(bytes)
  const offsets = new Uint32Array(count + 1)
  let offset = 0
  for (let i = 0; i < count; i++) {
    const raw = view.getUint32(i * ENTRY_BYTES + 32, true)
    const word = view.getUint32(i * ENTRY_BYTES + 36, true)
    const stored = word & 0xff_ffff
    if (raw > ENTRY_RAW_MAX || stored > raw) throw corrupt(`entry ${i} has impossible lengths`)
    if (word >>> 24 === 0 && stored !== raw) throw corrupt(`entry ${i} is stored raw with another length`)
    offsets[i] = offset
    offset += stored
    if (offset > PACK_MAX) throw corrupt('the entries do not add up to its size')
  }
  offsets[count] = offset
  return offsets
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function corrupt(what: string): ArtError {
  return new ArtError('CORRUPT', `damaged pack: ${what}`)
}
