import { crc32 } from '../hash/crc32.ts'
import { ArtError } from '../error.ts'
import { INDEX_HEADER_BYTES, INDEX_MAGIC, INDEX_TAIL_BYTES, INDEX_VERSION, SECTION_HEADER_BYTES } from './layout.ts'
import { RecordMemory, Records, RECORD_BYTES } from './record.ts'
import type { FolderTree, Section } from './section.ts'

export interface DirIndex {
  /** oid of the tree that the workspace held when the index was written, as 32 bytes; zeros where it held none. */
  root: Uint8Array
  files: number
  bytes: number
  sections: Section[]
  /** Of the xxh64 in its records; 0, or nothing, where none was taken. */
  seed?: bigint | undefined
}

export interface StoredIndex extends DirIndex {
  sections: StoredSection[]
}

/** Reads an index held in one (shared) buffer; records stay views of it. Throws `CORRUPT`, upon which callers go without. */
export function decodeIndex(buffer: ArrayBufferLike): StoredIndex {
  const bytes = Buffer.from(buffer as ArrayBuffer)
  const damaged = (): ArtError => new ArtError('CORRUPT', 'the file index is damaged')
  if (bytes.length < INDEX_HEADER_BYTES + INDEX_TAIL_BYTES || !bytes.subarray(0, 8).equals(INDEX_MAGIC)) throw damaged()
  if (bytes.readUInt32LE(8) !== INDEX_VERSION) throw damaged()
  if (crc32(bytes.subarray(0, -8)) !== bytes.readUInt32LE(bytes.length - 8)) throw damaged()
  const memory = new RecordMemory(buffer)
  const sections: StoredSection[] = []
  let at = INDEX_HEADER_BYTES
  for (let left = bytes.readUInt32LE(12); left > 0; left--) {
    const section = readSection(bytes, at, memory)
    if (section === undefined) throw damaged()
    sections.push(section)
    at = section.end
  }
  return {
    root: Buffer.from(bytes.subarray(32, 64)),
    files: bytes.readDoubleLE(16),
    bytes: bytes.readDoubleLE(24),
    sections,
    seed: bytes.readBigUInt64LE(64),
  }
}

let lastSection: { key: string; section: StoredSection } | undefined

/**
 * One section of an index that another thread has checked. `id` tells indexes apart: a wide folder comes in many slices, and its
 * names should be decoded once.
 */
export function sectionAt(buffer: ArrayBufferLike, at: number, id: string): Section {
  const key = `${id}:${at}`
  if (lastSection?.key !== key)
    lastSection = { key, section: readSection(Buffer.from(buffer as ArrayBuffer), at, new RecordMemory(buffer))! }
  return lastSection.section
}

function readSection(bytes: Buffer, at: number, memory: RecordMemory): StoredSection | undefined {
  if (at + SECTION_HEADER_BYTES > bytes.length) return undefined
  const pathLength = bytes.readUInt32LE(at)
  const count = bytes.readUInt32LE(at + 4)
  const pathAt = at + SECTION_HEADER_BYTES
  const recordsAt = pathAt + ((pathLength + bytes.readUInt32LE(at + 8) + 7) & ~7)
  const end = recordsAt + count * RECORD_BYTES
  if (end > bytes.length - INDEX_TAIL_BYTES) return undefined
  return new StoredSection(bytes, memory, { at, pathLength, count, recordsAt, end })
}

interface Extent {
  at: number
  pathLength: number
  count: number
  recordsAt: number
  end: number
}

/** A section whose names are decoded when they are first asked for: an unchanged folder's are only ever needed in a worker. */
export class StoredSection implements Section {
  /** Where it starts and ends in the index. */
  readonly at: number
  readonly end: number
  readonly path: string
  readonly records: Records
  readonly #bytes: Buffer
  readonly #namesAt: number
  #names: string[] | undefined

  constructor(bytes: Buffer, memory: RecordMemory, { at, pathLength, count, recordsAt, end }: Extent) {
    const pathAt = at + SECTION_HEADER_BYTES
    this.at = at
    this.end = end
    this.path = bytes.toString('utf8', pathAt, pathAt + pathLength)
    this.records = new Records(memory, recordsAt, count)
    this.#bytes = bytes
    this.#namesAt = pathAt + pathLength
  }

  get tree(): FolderTree | undefined {
    const { at } = this
    const oid = this.#bytes.subarray(at + 32, at + 64)
    if (oid.every((byte) => byte === 0)) return undefined
    return { size: this.#bytes.readDoubleLE(at + 16), files: this.#bytes.readDoubleLE(at + 24), oid }
  }

  get names(): string[] {
    return (this.#names ??= decodeNames(this.#bytes, this.#namesAt, this.records))
  }
}

function decodeNames(bytes: Buffer, start: number, records: Records): string[] {
  const names: string[] = []
  let at = start
  for (let i = 0; i < records.count; i++) {
    const end = at + records.nameLength(i)
    names.push(bytes.toString('utf8', at, end))
    at = end
  }
  return names
}
