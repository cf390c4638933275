import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { ArtError, type CallOptions, fromHex } from '@art/core'
import { publishObject } from '@art/core/cache/large.ts'
import { type CacheLayout, LARGE_FILE } from '@art/core/cache/layout.ts'
import type { FileNeed } from './needs.ts'

const BLOCK = 4 << 20

/** Puts a small content into a pack of the cache. */
export type Keep = (id: Uint8Array, bytes: Uint8Array) => void

/**
 * A large file that grows piece by piece in any order. Its start is hashed as soon as it is whole, while the rest still travels; it
 * enters the cache only when all of it matches its oid.
 */
export class Assembly {
  readonly need: FileNeed
  readonly #layout: CacheLayout
  readonly #keep: Keep
  readonly #file: FileHandle
  readonly #hash = createHash('sha256')
  readonly #block = Buffer.allocUnsafeSlow(BLOCK)
  /** Ends of complete pieces by their starts. */
  readonly #pieces = new Map<number, number>()
  #hashed = 0
  #hashing: Promise<void> = Promise.resolve()

  private constructor(need: FileNeed, layout: CacheLayout, file: FileHandle, keep: Keep) {
    this.#keep = keep
    this.need = need
    this.#layout = layout
    this.#file = file
  }

  /** `keep` takes a file that turns out to be small, and whose chunks lie apart from each other. */
  static async start(need: FileNeed, layout: CacheLayout, keep: Keep): Promise<Assembly> {
    return new Assembly(need, layout, await open(need.temporary, 'wx+', 0o444), keep)
  }

  /** Bytes `start` to `end` are in the file. */
  written(start: number, end: number): void {
    this.#pieces.set(start, Math.max(end, this.#pieces.get(start) ?? 0))
    this.#hashing = this.#hashing.then(() => this.#advance())
    this.#hashing.catch(() => undefined)
  }

  /** Puts the file into the cache. Fails with `REMOTE_DAMAGED` where it is not what its oid says. */
  async publish(options?: CallOptions): Promise<void> {
    await this.#hashing
    options?.signal?.throwIfAborted()
    const { oid, size, path, temporary } = this.need
    if (this.#hashed !== size || this.#hash.digest('hex') !== oid) {
      throw new ArtError('REMOTE_DAMAGED', 'what the remote holds is not what the pointer names', {
        path,
        hint: 'Push again from a clone that has the data.',
      })
    }
    if (size < LARGE_FILE) return this.#keep(fromHex(oid), readFileSync(temporary))
    await this.#file.sync()
    publishObject(this.#layout, temporary, oid)
  }

  async close(): Promise<void> {
    await this.#hashing.catch(() => undefined)
    await this.#file.close()
    rmSync(this.need.temporary, { force: true })
  }

  async #advance(): Promise<void> {
    for (let end = this.#pieces.get(this.#hashed); end !== undefined; end = this.#pieces.get(this.#hashed)) {
      this.#pieces.delete(this.#hashed)
      while (this.#hashed < end) {
        const want = Math.min(BLOCK, end - this.#hashed)
        const { bytesRead } = await this.#file.read(this.#block, 0, want, this.#hashed)
        if (bytesRead === 0) return
        this.#hash.update(this.#block.subarray(0, bytesRead))
        this.#hashed += bytesRead
      }
    }
  }
}
