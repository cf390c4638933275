import { ArtError, fromSystemError, isArtError } from '../error.ts'
import { readWholeSync } from '../fs/whole.ts'
import { sha256, toHex } from '../oid.ts'
import type { PackSet } from './pack-set.ts'

const WINDOW = 1 << 20

/** Reads contents of packs in about the order they lie there, a window of the pack at a time. */
export class PackReader {
  readonly #packs: PackSet
  readonly #window = Buffer.allocUnsafeSlow(WINDOW)
  #pack = -1
  #start = 0
  #end = 0

  constructor(packs: PackSet) {
    this.#packs = packs
  }

  /** The content, checked against its id; valid until the next call. Fails with `NOT_CACHED` or `CORRUPT`. */
  read(id: Uint8Array): Buffer {
    const place = this.#packs.find(id)
    if (place === undefined) throw notCached()
    const table = this.#packs.tables[place.pack]!
    const offset = table.offset(place.entry)
    const length = table.rawLength(place.entry)
    if (place.pack !== this.#pack || offset < this.#start || offset + length > this.#end) {
      const fd = this.#descriptor(place.pack)
      this.#pack = place.pack
      this.#start = offset
      this.#end = offset + readWholeSync(fd, this.#window, offset)
    }
    const bytes = this.#window.subarray(offset - this.#start, offset - this.#start + length)
    if (bytes.length === length && sha256(bytes).equals(id)) return bytes
    throw new ArtError('CORRUPT', `cached content ${toHex(id)} is damaged`, {
      path: this.#packs.pathOf(place.pack),
      hint: 'Move this file away, then run `art fetch`; what of it was never pushed must be added again.',
    })
  }

  /** A pack may have gone since the set was loaded. */
  #descriptor(pack: number): number {
    try {
      return this.#packs.descriptor(pack)
    } catch (error) {
      const failure = fromSystemError(error, this.#packs.pathOf(pack))
      throw isArtError(failure, 'NOT_FOUND') ? notCached(failure) : failure
    }
  }
}

function notCached(cause?: unknown): ArtError {
  return new ArtError('NOT_CACHED', 'the content is not in the cache', { hint: 'Run `art pull`.', cause })
}
