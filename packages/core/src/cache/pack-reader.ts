import { ArtError, fromSystemError, isArtError } from '../error.ts'
import { readWholeSync } from '../fs/whole.ts'
import { sha256, toHex } from '../oid.ts'
import type { PackTable } from '../pack/table.ts'
import { noteDamage } from './damage.ts'
import type { PackSet } from './pack-set.ts'
import { HEAL } from './seal.ts'

const WINDOW = 1 << 20

type Place = NonNullable<ReturnType<PackSet['find']>>

/** Reads contents of packs in about the order they lie there, a window of the pack at a time. */
export class PackReader {
  readonly #packs: PackSet
  readonly #window = Buffer.allocUnsafeSlow(WINDOW)
  readonly #notes = new Map<number, ReturnType<typeof noteDamage>>()
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
    const bytes = this.#bytesAt(place)
    if (bytes.length === this.#tableOf(place).rawLength(place.entry) && sha256(bytes).equals(id)) return bytes
    throw this.#damaged(place, id)
  }

  /** Do the packs hold exactly these bytes under this id? What they hold otherwise is noted as damaged. */
  holds(id: Uint8Array, bytes: Uint8Array): boolean {
    const place = this.#packs.find(id)
    if (place === undefined) return false
    try {
      if (Buffer.compare(this.#bytesAt(place), bytes) === 0) return true
    } catch (error) {
      if (isArtError(error, 'NOT_CACHED')) return false
      throw error
    }
    this.#damaged(place, id)
    return false
  }

  #tableOf({ pack }: Place): PackTable {
    return this.#packs.tables[pack]!
  }

  /** Fewer bytes than the table says where the pack is cut off. */
  #bytesAt(place: Place): Buffer {
    const table = this.#tableOf(place)
    const offset = table.offset(place.entry)
    const length = table.rawLength(place.entry)
    if (place.pack !== this.#pack || offset < this.#start || offset + length > this.#end) {
      const fd = this.#descriptor(place.pack)
      this.#pack = place.pack
      this.#start = offset
      this.#end = offset + readReadable(fd, this.#window, offset, length)
    }
    return this.#window.subarray(offset - this.#start, Math.min(offset + length, this.#end) - this.#start)
  }

  /** From now on whoever loads the packs goes without what is damaged in this one. */
  #damaged(place: Place, id: Uint8Array): ArtError {
    const path = this.#packs.pathOf(place.pack)
    let note = this.#notes.get(place.pack)
    if (note === undefined || !note.damaged.has(place.entry)) {
      note = noteDamage(path, this.#tableOf(place))
      this.#notes.set(place.pack, note)
    }
    return new ArtError('CORRUPT', `cached content ${toHex(id)} is damaged`, {
      path,
      hint: note.isNoted ? HEAL : `Move this file away. ${HEAL}`,
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

/** A bad place of the disk is damage of the content that lies there, and of no other that is read along. */
function readReadable(fd: number, window: Buffer, offset: number, length: number): number {
  for (const size of [window.length, length]) {
    try {
      return readWholeSync(fd, window.subarray(0, size), offset)
    } catch {}
  }
  return 0
}

function notCached(cause?: unknown): ArtError {
  return new ArtError('NOT_CACHED', 'the content is not in the cache', { hint: 'Run `art pull`.', cause })
}
