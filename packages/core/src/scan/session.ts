import { statSync } from 'node:fs'
import { type CacheLayout, ensureCache, LARGE_FILE, objectPath } from '../cache/layout.ts'
import { PackWriter } from '../cache/pack-writer.ts'
import { isSealed } from '../cache/seal.ts'
import { toHex } from '../oid.ts'
import { ChunkIndex, type ChunkIndexState } from '../pack/chunk-index.ts'

export interface SessionInput {
  session: string
  layout: CacheLayout
  /** Small contents that the cache has. */
  known: ChunkIndexState
  /** Put what is read into the cache. */
  store: boolean
}

/** What one worker holds while a scan runs: what the cache has and, when adding, an open pack. */
export class ScanSession {
  readonly writer: PackWriter | undefined
  readonly layout: CacheLayout
  readonly #known: ChunkIndex

  constructor({ layout, known, store }: SessionInput) {
    this.layout = layout
    this.#known = ChunkIndex.from(known)
    this.writer = store ? new PackWriter(layout) : undefined
  }

  /** Does the cache hold this content? When adding, an object that someone may have written to does not count: it is stored again. */
  has(id: Uint8Array, size: number): boolean {
    if (size < LARGE_FILE) return this.#known.lookup(id) >= 0 || (this.writer?.has(id) ?? false)
    const stat = statSync(objectPath(this.layout, toHex(id)), { throwIfNoEntry: false })
    return stat?.size === size && (this.writer === undefined || isSealed(stat.mtimeMs))
  }

  /** Keeps what was last reserved from the writer, unless the cache has it. */
  commit(id: Uint8Array, size: number): void {
    if (!this.has(id, size)) this.writer?.commit(id, size)
  }

  keep(id: Uint8Array, bytes: Uint8Array): void {
    if (!this.has(id, bytes.length)) this.writer?.append(id, bytes)
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
  if (!input.abandon) return (await session?.writer?.finish()) ?? []
  await session?.writer?.abandon()
  return []
}

export function scanSession(name: string): ScanSession {
  const session = sessions.get(name)
  if (session === undefined) throw new Error(`no scan session ${name}`)
  return session
}
