import { statSync } from 'node:fs'
import { type CacheLayout, ensureCache, LARGE_FILE, objectPath } from '../cache/layout.ts'
import { PackReader } from '../cache/pack-reader.ts'
import { PackSet, type PackSetState } from '../cache/pack-set.ts'
import { PackWriter } from '../cache/pack-writer.ts'
import { isSealed } from '../cache/seal.ts'
import { toHex } from '../oid.ts'
import { ChunkIndex } from '../pack/chunk-index.ts'

export interface SessionInput {
  session: string
  layout: CacheLayout
  /** Small contents that the cache has. */
  packs: PackSetState
  /** Put what is read into the cache. */
  store: boolean
}

/** What one worker holds while a scan runs: what the cache has and, when adding, an open pack. */
export class ScanSession {
  readonly writer: PackWriter | undefined
  readonly layout: CacheLayout
  readonly #known: ChunkIndex
  readonly #packs: PackSetState
  #open: { packs: PackSet; reader: PackReader } | undefined

  constructor({ layout, packs, store }: SessionInput) {
    this.layout = layout
    this.#packs = packs
    this.#known = ChunkIndex.from(packs.index)
    this.writer = store ? new PackWriter(layout) : undefined
  }

  /** Does the cache hold this content? When adding, an object that someone may have written to does not count: it is stored again. */
  has(id: Uint8Array, size: number): boolean {
    if (size < LARGE_FILE) return this.#known.lookup(id) >= 0 || (this.writer?.has(id) ?? false)
    const stat = statSync(objectPath(this.layout, toHex(id)), { throwIfNoEntry: false })
    return stat?.size === size && (this.writer === undefined || isSealed(stat.mtimeMs))
  }

  /** Keeps what was last reserved from the writer, unless the cache has it. */
  commit(id: Uint8Array, bytes: Uint8Array): void {
    if (!this.#isKept(id, bytes)) this.writer?.commit(id, bytes.length)
  }

  keep(id: Uint8Array, bytes: Uint8Array): void {
    if (!this.#isKept(id, bytes)) this.writer?.append(id, bytes)
  }

  close(): void {
    this.#open?.packs.close()
  }

  /** With the bytes at hand it costs little to see whether the cache really has them. */
  #isKept(id: Uint8Array, bytes: Uint8Array): boolean {
    if (this.writer === undefined || this.writer.has(id)) return true
    return this.#known.lookup(id) >= 0 && this.#reader.holds(id, bytes)
  }

  get #reader(): PackReader {
    if (this.#open === undefined) {
      const packs = new PackSet(this.#packs)
      this.#open = { packs, reader: new PackReader(packs) }
    }
    return this.#open.reader
  }
}

const sessions = new Map<string, ScanSession>()

export function beginScan(input: SessionInput): void {
  if (input.store) ensureCache(input.layout)
  sessions.set(input.session, new ScanSession(input))
}

/** Names of the packs that this worker wrote, complete and on disk; none when abandoned. */
export async function endScan(input: { session: string; abandon: boolean }): Promise<string[]> {
  const session = sessions.get(input.session)
  sessions.delete(input.session)
  session?.close()
  if (!input.abandon) return (await session?.writer?.finish()) ?? []
  await session?.writer?.abandon()
  return []
}

export function scanSession(name: string): ScanSession {
  const session = sessions.get(name)
  if (session === undefined) throw new Error(`no scan session ${name}`)
  return session
}
