import { crc32 } from '../hash/crc32.ts'
import { ArtError } from '../error.ts'
import {
  ENTRY_BYTES,
  ENTRY_RAW_MAX,
  FOOTER_BYTES,
  HASH_SHA256,
  PACK_MAGIC,
  PACK_MAX,
  PACK_VERSION,
  packTailSize,
} from './layout.ts'

/** Gathers what is in a pack while its bytes are written. */
export class PackTableBuilder {
  #bytes = Buffer.allocUnsafe(1024 * ENTRY_BYTES)
  #count = 0
  #storedBytes = 0

  get count(): number {
    return this.#count
  }

  /** Bytes of all entries so far: where the next one starts. */
  get storedBytes(): number {
    return this.#storedBytes
  }

  /** Is there room for an entry of that many stored bytes? */
  fits(storedLength: number): boolean {
    return this.#storedBytes + storedLength + packTailSize(this.#count + 1) <= PACK_MAX
  }

  /** `crc` is the crc32 of the stored bytes. Fails with `INTERNAL` where the pack would break its bounds. */
  add(id: Uint8Array, rawLength: number, storedLength: number, scheme: number, crc: number): void {
    if (rawLength > ENTRY_RAW_MAX || storedLength > rawLength || (scheme === 0 && storedLength !== rawLength)) {
      throw new ArtError(
        'INTERNAL',
        `impossible pack entry: ${rawLength} bytes stored as ${storedLength}, scheme ${scheme}`,
      )
    }
    if (!this.fits(storedLength)) throw new ArtError('INTERNAL', 'the pack is full')
    const at = this.#count * ENTRY_BYTES
    if (at === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], at * 2)
    this.#bytes.set(id, at)
    this.#bytes.writeUInt32LE(rawLength, at + 32)
    this.#bytes.writeUInt32LE(((scheme << 24) | storedLength) >>> 0, at + 36)
    this.#bytes.writeUInt32LE(crc, at + 40)
    this.#count++
    this.#storedBytes += storedLength
  }

  /** Table and footer: what follows the last entry's bytes. */
  finish(): Buffer {
    const tableBytes = this.#count * ENTRY_BYTES
    const tail = Buffer.alloc(tableBytes + FOOTER_BYTES)
    tail.set(this.#bytes.subarray(0, tableBytes))
    tail.writeUInt32LE(this.#count, tableBytes)
    tail.writeUInt32LE(crc32(tail.subarray(0, tableBytes)), tableBytes + 4)
    tail[tableBytes + 8] = PACK_VERSION
    tail[tableBytes + 9] = HASH_SHA256
    tail.set(PACK_MAGIC, tableBytes + 12)
    return tail
  }
}
