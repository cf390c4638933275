import { closeSync, openSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { PackReader } from '../cache/pack-reader.ts'
import { PackSet, type PackSetState } from '../cache/pack-set.ts'
import { HEAL } from '../cache/seal.ts'
import { findCuts } from '../chunk/chunker.ts'
import { encodeChunk } from '../codec/codec.ts'
import { ArtError } from '../error.ts'
import { readWholeSync } from '../fs/whole.ts'
import { OID_BYTES, sha256, toHex } from '../oid.ts'
import { ChunkIndex, type ChunkIndexState } from '../pack/chunk-index.ts'
import { packTailSize, PackTableBuilder } from '../pack/table.ts'
import { storeAgain } from './fragments.ts'

/** Raw bytes that one group, and so one pack of a remote, takes. */
export const GROUP_BYTES = 32 << 20

/** Content of a group, in stream order. */
export type Segment =
  /** Contents of at most one chunk each, from the packs of the cache: ids, 32 bytes each. */
  | { type: 'chunks'; ids: Uint8Array }
  /** A content of several chunks that lies in a pack of the cache. */
  | { type: 'content'; id: Uint8Array; size: number }
  /** A piece of a whole object that starts and ends at chunk boundaries: the ends of its chunks, from its start. */
  | { type: 'region'; path: string; start: number; cuts: Uint32Array }

export interface PackingSession {
  session: string
  packs: PackSetState
  /** Chunks that the remote is known to have. */
  known: ChunkIndexState
  compress: boolean
}

export interface GroupInput {
  session: string
  segments: Segment[]
  /** Raw bytes of all segments. */
  size: number
  /** Memory of an earlier pack to make this one in: pages that are touched for the first time are slow to get. */
  memory?: ArrayBuffer | undefined
}

/** In `refs`: a chunk of the pack that the group itself makes. */
export const OWN_PACK = 0xffff_ffff

export interface GroupOutput {
  /** A complete pack; absent where the remote knows every chunk. */
  pack?: Uint8Array
  chunks: number
  /** Pairs: pack (`OWN_PACK`, or a number among the known ones) and entry, one a chunk in stream order. */
  refs: Uint32Array
  /** How many of these belong to each segment. */
  counts: number[]
  /** Raw bytes of the chunks in the pack. */
  raw: number
  transfer: ArrayBuffer[]
}

interface Open {
  packs: PackSet
  reader: PackReader
  known: ChunkIndex
  compress: boolean
}

const sessions = new Map<string, Open>()

export function beginPacking({ session, packs, known, compress }: PackingSession): void {
  const set = new PackSet(packs)
  sessions.set(session, { packs: set, reader: new PackReader(set), known: ChunkIndex.from(known), compress })
}

export function endPacking({ session }: { session: string }): void {
  sessions.get(session)?.packs.close()
  sessions.delete(session)
}

/** Reads and checks some content of the cache, and makes one pack of the chunks that the remote is not known to have. */
export function packGroup({ session, segments, size, memory }: GroupInput): GroupOutput {
  const open = sessions.get(session)!
  const packer = new Packer(open, size, memory)
  const counts = segments.map((segment) => {
    const before = packer.refs.length
    addSegment(open, packer, segment)
    return (packer.refs.length - before) / 2
  })
  return packer.finish(counts)
}

function addSegment(open: Open, packer: Packer, segment: Segment): void {
  switch (segment.type) {
    case 'chunks':
      for (let at = 0; at < segment.ids.length; at += OID_BYTES) {
        const id = segment.ids.subarray(at, at + OID_BYTES)
        const known = open.known.lookup(id)
        if (known >= 0) packer.refer(known)
        else packer.add(id, open.reader.read(id))
      }
      return
    case 'content': {
      const bytes = open.reader.read(segment.id)
      if (bytes.length !== segment.size) throw resized(toHex(segment.id))
      const cuts = findCuts(bytes, true)
      return packer.addRun(bytes, cuts)
    }
    case 'region':
      return addRegion(packer, segment)
  }
}

function addRegion(packer: Packer, { path, start, cuts }: Segment & { type: 'region' }): void {
  const length = cuts.at(-1) ?? 0
  if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(Math.max(length, GROUP_BYTES))
  const bytes = scratch.subarray(0, length)
  const fd = openSync(path, 'r')
  try {
    if (readWholeSync(fd, bytes, start) !== bytes.length) throw resized(path)
  } finally {
    closeSync(fd)
  }
  packer.addRun(bytes, [...cuts])
}

/** Memory that is touched for the first time is slow to get: one piece serves all regions. */
let scratch = Buffer.alloc(0)

function resized(path: string): ArtError {
  return new ArtError('CORRUPT', 'the cached content has another size than it should', {
    path,
    hint: HEAL,
  })
}

/** Room for the table of a pack of files that are 8 KiB on average; a longer one makes the buffer grow once. */
const SPARE_ENTRIES = 4096

class Packer {
  readonly refs: number[] = []
  readonly #open: Open
  readonly #table = new PackTableBuilder()
  readonly #own = new Map<string, number>()
  #buffer: Buffer
  #filled = 0
  #raw = 0

  constructor(open: Open, size: number, memory: ArrayBuffer | undefined) {
    this.#open = open
    this.#buffer =
      memory === undefined ? Buffer.allocUnsafeSlow(size + packTailSize(SPARE_ENTRIES)) : Buffer.from(memory)
  }

  /** A chunk that the remote has. */
  refer(known: number): void {
    this.refs.push(this.#open.known.packOf(known), this.#open.known.entryOf(known))
  }

  /** A chunk that the remote lacks, unless this pack has it already. */
  add(id: Uint8Array, raw: Uint8Array): void {
    const key = toHex(id)
    let entry = this.#own.get(key)
    if (entry === undefined) {
      entry = this.#table.count
      this.#own.set(key, entry)
      const { scheme, bytes } = this.#open.compress ? encodeChunk(raw) : { scheme: 0, bytes: raw }
      this.#table.add(id, raw.length, bytes.length, scheme, crc32(bytes))
      this.#append(bytes)
      this.#raw += raw.length
    }
    this.refs.push(OWN_PACK, entry)
  }

  /** Neighbouring chunks of one file. Short runs of known ones are stored again where the file would be scattered. */
  addRun(bytes: Uint8Array, cuts: readonly number[]): void {
    const { known } = this.#open
    const ids = cuts.map((end, i) => sha256(bytes.subarray(cuts[i - 1] ?? 0, end)))
    const found = storeAgain(
      ids.map((id) => known.lookup(id)),
      (a, b) => known.packOf(a) === known.packOf(b) && known.entryOf(b) === known.entryOf(a) + 1,
    )
    for (const [i, at] of found.entries()) {
      if (at >= 0) this.refer(at)
      else this.add(ids[i]!, bytes.subarray(cuts[i - 1] ?? 0, cuts[i]))
    }
  }

  finish(counts: number[]): GroupOutput {
    const refs = Uint32Array.from(this.refs)
    const common = { chunks: this.#table.count, refs, counts, raw: this.#raw }
    if (this.#table.count === 0) return { ...common, transfer: [refs.buffer] }
    this.#append(this.#table.finish())
    const pack = this.#buffer.subarray(0, this.#filled)
    return { ...common, pack, transfer: [pack.buffer as ArrayBuffer, refs.buffer] }
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed + (needed >> 2))
      larger.set(this.#buffer.subarray(0, this.#filled))
      this.#buffer = larger
    }
    this.#buffer.set(bytes, this.#filled)
    this.#filled = needed
  }
}
