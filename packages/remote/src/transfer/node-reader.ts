import { crc32 } from 'node:zlib'
import { ArtError, type CallOptions, sha256, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { decodeChunk } from '@art/core/codec/codec.ts'
import { readTwice } from '../layout/damage.ts'
import { packKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import type { Keep } from './assembly.ts'
import { type ChunkSequence, inconsistent } from './sequence.ts'

const FIRST_WINDOW = 64 << 10
const LAST_WINDOW = 4 << 20
const RECENT_BYTES = 8 << 20

export interface NodeContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  keep: Keep
}

/** Reads the nodes at the start of a directory's stream: how many there are shows only while they are read. */
export class NodeReader {
  /** Nodes read so far: the number of the chunk that comes next. */
  used = 0
  transferred = 0
  readonly #sequence: ChunkSequence
  readonly #context: NodeContext
  #window: { first: number; end: number; bytes: Buffer; base: number } | undefined
  #size = FIRST_WINDOW
  /** A folder that occurs again has its nodes again, and they need no second request. */
  readonly #recent = new Map<string, Uint8Array>()
  #recentBytes = 0

  constructor(sequence: ChunkSequence, context: NodeContext) {
    this.#sequence = sequence
    this.#context = context
  }

  /** The next node, which must be the one with this oid. */
  async read(oid: Uint8Array): Promise<Uint8Array> {
    const at = this.used++
    const { cache, keep } = this.#context
    if (at >= this.#sequence.count || Buffer.compare(this.#sequence.id(at), oid) !== 0)
      throw inconsistent(this.#sequence.recipe)
    if (cache.hasNode(oid)) return cache.readNode(oid)
    const key = toHex(oid)
    const met = this.#recent.get(key)
    if (met !== undefined) return met
    const bytes = await readTwice(() => this.#fetch(at, oid))
    keep(oid, bytes)
    this.#remember(key, bytes)
    return bytes
  }

  #remember(key: string, bytes: Uint8Array): void {
    this.#recent.set(key, bytes)
    this.#recentBytes += bytes.length
    for (const [oldest, other] of this.#recent) {
      if (this.#recentBytes <= RECENT_BYTES) return
      this.#recent.delete(oldest)
      this.#recentBytes -= other.length
    }
  }

  async #fetch(at: number, oid: Uint8Array): Promise<Uint8Array> {
    const { table, entry } = this.#sequence.place(at)
    let window = this.#window
    if (window === undefined || at < window.first || at >= window.end) window = this.#window = await this.#load(at)
    const start = table.offset(entry) - window.base
    const stored = window.bytes.subarray(start, start + table.storedLength(entry))
    const bytes =
      crc32(stored) === table.crc(entry) ? decodeChunk(table.scheme(entry), stored, table.rawLength(entry)) : undefined
    if (bytes !== undefined && sha256(bytes).equals(oid)) return bytes
    this.#window = undefined
    throw new ArtError('REMOTE_DAMAGED', 'a tree node did not arrive as it was sent', { path: toHex(oid) })
  }

  async #load(first: number): Promise<{ first: number; end: number; bytes: Buffer; base: number }> {
    const { pack, table, entry } = this.#sequence.place(first)
    const base = table.offset(entry)
    let end = first + 1
    const fits = (i: number): boolean =>
      this.#sequence.follows(i) && table.offset(entry + i - first + 1) - base <= this.#size
    while (end < this.#sequence.count && fits(end)) end++
    const range = { start: base, end: table.offset(entry + end - first) }
    const bytes = await readAll(this.#context.store, packKey(pack.name), {
      ...this.#context,
      range,
    })
    this.transferred += bytes.length
    this.#size = Math.min(LAST_WINDOW, this.#size * 4)
    return { first, end, bytes, base }
  }
}
