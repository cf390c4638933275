import { closeSync, fsync, fsyncSync, futimesSync, openSync, renameSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { type ArtError, fromSystemError } from '../error.ts'
import { writeWholeSync } from '../fs/whole.ts'
import { IdSet } from '../pack/id-set.ts'
import { PackTableBuilder } from '../pack/table-builder.ts'
import { type CacheLayout, LARGE_FILE, packPath, randomName, temporaryPath } from './layout.ts'
import { SEAL_SECONDS } from './seal.ts'

const BUFFER_BYTES = 4 << 20

/** When a pack is full. */
export interface PackLimits {
  bytes: number
  entries: number
}

/** So few entries keep the table of a pack of tiny files below 3 MB. */
const PACK_LIMITS: PackLimits = { bytes: 32 << 20, entries: 65_536 }

const fsyncLater = promisify(fsync)

/**
 * Appends small contents to packs of the cache, synchronously, through one buffer. A pack appears under its name only when
 * it is complete and synced; `finish` tells which packs there are. After a failure, which names the folder of the packs, nothing
 * but that failure comes from it.
 */
export class PackWriter {
  readonly #layout: CacheLayout
  readonly #limits: PackLimits
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  readonly #written = new IdSet()
  #pack: { path: string; fd: number; table: PackTableBuilder } | undefined
  #filled = 0
  #closing: Promise<string>[] = []
  #failure: ArtError | undefined

  constructor(layout: CacheLayout, limits = PACK_LIMITS) {
    this.#layout = layout
    this.#limits = limits
  }

  /** Why it can take nothing more. */
  get failure(): ArtError | undefined {
    return this.#failure
  }

  /** Room for a content of at most 1 MiB; valid until the next call. */
  reserve(size: number): Buffer {
    if (size > LARGE_FILE) throw new RangeError(`too large for a pack: ${size}`)
    if (this.#filled + size > BUFFER_BYTES) this.#guard(() => this.#flush())
    return this.#buffer.subarray(this.#filled, this.#filled + size)
  }

  /** True where this writer already holds the content. */
  has(id: Uint8Array): boolean {
    return this.#written.has(id)
  }

  /** Keeps the first `size` bytes of what was last reserved. `crc`: their crc32, where it is known. */
  commit(id: Uint8Array, size: number, crc?: number): void {
    this.#guard(() => {
      const pack = this.#open()
      crc ??= crc32(this.#buffer.subarray(this.#filled, this.#filled + size))
      pack.table.add(id, size, size, 0, crc)
      this.#written.add(id)
      this.#filled += size
      if (pack.table.storedBytes >= this.#limits.bytes || pack.table.count >= this.#limits.entries) this.#close()
    })
  }

  append(id: Uint8Array, bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes)
    this.commit(id, bytes.length)
  }

  /** Closes the last pack and waits until all are on disk. The folder of the packs is synced by the caller, once. */
  async finish(): Promise<string[]> {
    try {
      this.#guard(() => this.#pack && this.#close())
    } catch (error) {
      await this.abandon()
      throw error
    }
    const closed = await Promise.allSettled(this.#closing.splice(0))
    return closed.map((pack) => {
      if (pack.status === 'fulfilled') return pack.value
      throw this.#fail(pack.reason)
    })
  }

  /** Forgets what is not finished, and waits for packs that are complete. */
  async abandon(): Promise<void> {
    this.#drop()
    await Promise.allSettled(this.#closing.splice(0))
  }

  #guard(work: () => unknown): void {
    if (this.#failure !== undefined) throw this.#failure
    try {
      work()
    } catch (error) {
      throw this.#fail(error)
    }
  }

  #fail(error: unknown): ArtError {
    this.#drop()
    return (this.#failure ??= fromSystemError(error, this.#layout.packs))
  }

  #drop(): void {
    if (this.#pack === undefined) return
    closeSync(this.#pack.fd)
    rmSync(this.#pack.path, { force: true })
    this.#pack = undefined
    this.#filled = 0
  }

  #open(): { path: string; fd: number; table: PackTableBuilder } {
    if (this.#pack === undefined) {
      const path = temporaryPath(this.#layout)
      this.#pack = { path, fd: openSync(path, 'wx', 0o444), table: new PackTableBuilder() }
    }
    return this.#pack
  }

  #flush(): void {
    if (this.#filled === 0) return
    writeWholeSync(this.#open().fd, this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }

  #close(): void {
    this.#flush()
    const { path, fd, table } = this.#pack!
    writeWholeSync(fd, table.finish())
    this.#pack = undefined
    const publishing = this.#publish(path, fd, table.storedBytes < BUFFER_BYTES)
    publishing.catch(() => undefined)
    this.#closing.push(publishing)
  }

  /** Waiting for a thread of Node's would take a small pack longer than its fsync. */
  async #publish(path: string, fd: number, small: boolean): Promise<string> {
    const name = randomName()
    try {
      try {
        futimesSync(fd, SEAL_SECONDS, SEAL_SECONDS)
        if (small) fsyncSync(fd)
        else await fsyncLater(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(path, packPath(this.#layout, name))
      return name
    } catch (error) {
      rmSync(path, { force: true })
      throw error
    }
  }
}
