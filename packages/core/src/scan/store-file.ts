import { type Stats, statSync } from 'node:fs'
import type { Cache } from '../cache/cache.ts'
import { ensureCache, LARGE_FILE } from '../cache/layout.ts'
import { storeLargeFile, type StoreLargeOptions } from '../cache/large.ts'
import { PackWriter } from '../cache/pack-writer.ts'
import { fromSystemError } from '../error.ts'
import { changedWhileRead, notAFile } from '../fs/refusal.ts'
import { isSame } from '../fs/same.ts'
import { syncFolder } from '../fs/whole.ts'
import { isExecutable } from '../index/record.ts'
import { sha256, toHex } from '../oid.ts'
import { readSmallFile } from './small-file.ts'

export interface StoredSingleFile {
  oid: string
  size: number
  executable: boolean
  /** Taken with the content: what the index may rely on. */
  stat: Stats
  /** 0n where none was taken. */
  quickHash: bigint
}

/** Puts single files into the cache: large ones whole, small ones together in one pack. Symlinks are followed. */
export class FileStore {
  readonly #cache: Cache
  readonly #small: PackWriter

  constructor(cache: Cache) {
    this.#cache = cache
    ensureCache(cache.layout)
    this.#small = new PackWriter(cache.layout)
  }

  async store(path: string, options?: StoreLargeOptions): Promise<StoredSingleFile> {
    try {
      const stat = statSync(path)
      if (!stat.isFile()) throw notAFile(path)
      return stat.size >= LARGE_FILE ? await this.#storeLarge(path, stat, options) : this.#storeSmall(path)
    } catch (error) {
      throw fromSystemError(error, path)
    }
  }

  /** After this, what was stored is on disk. */
  async finish(): Promise<void> {
    const written = await this.#small.finish()
    if (written.length === 0) return
    syncFolder(this.#cache.layout.packs)
    this.#cache.reload()
  }

  abandon(): void {
    void this.#small.abandon()
  }

  async #storeLarge(path: string, before: Stats, options?: StoreLargeOptions): Promise<StoredSingleFile> {
    const { oid, size, quickHash } = await storeLargeFile(this.#cache.layout, path, true, options)
    const stat = statSync(path)
    if (!isSame(before, stat)) throw changedWhileRead(path)
    return { oid, size, executable: isExecutable(stat), stat, quickHash }
  }

  #storeSmall(path: string): StoredSingleFile {
    const { stat, bytes } = readSmallFile(path, true, (size) =>
      size < LARGE_FILE ? this.#small.reserve(size) : undefined,
    )
    if (bytes === undefined) throw changedWhileRead(path)
    const id = sha256(bytes)
    if (!this.#small.has(id) && !this.#cache.holds(id, bytes)) this.#small.commit(id, bytes.length)
    return { oid: toHex(id), size: bytes.length, executable: isExecutable(stat), stat, quickHash: 0n }
  }
}
