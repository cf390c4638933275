import { closeSync, fsync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { writeWholeSync } from '../fs/whole.ts'
import { toHex } from '../oid.ts'
import { PackTableBuilder } from '../pack/table-builder.ts'
import { type CacheLayout, LARGE_FILE, packPath, randomName, temporaryPath } from './layout.ts'

const BUFFER_BYTES = 4 << 20
const PACK_BYTES = 32 << 20
/** Keeps the table of a pack of tiny files below 3 MB. */
const PACK_ENTRIES = 65_536

const fsyncLater = promisify(fsync)

/**
 * Appends small contents to packs of the cache, synchronously, through one buffer. A pack appears under its name only when
 * it is complete and synced; `finish` tells which packs there are.
 */
export class PackWriter {
  readonly #layout: CacheLayout
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  readonly #written = new Map<string, number>()
  #pack: { path: string; fd: number; table: PackTableBuilder } | undefined
  #filled = 0
  #closing: Promise<void>[] = []
  readonly #names: string[] = []

  constructor(layout: CacheLayout) {
    this.#layout = layout
  }

  /** Room for a content of at most 1 MiB; valid until the next call. */
  reserve(size: number): Buffer {
    if (size > LARGE_FILE) throw new RangeError(`too large for a pack: ${size}`)
    if (this.#filled + size > BUFFER_BYTES) this.#flush()
    return this.#buffer.subarray(this.#filled, this.#filled + size)
  }

  /** True where this writer already holds the content. */
  has(id: Uint8Array): boolean {
    return this.#written.has(toHex(id))
  }

  /** Keeps the first `size` bytes of what was last reserved. `crc`: their crc32, where it is known. */
  commit(id: Uint8Array, size: number, crc?: number): void {
    const pack = this.#open()
    crc ??= crc32(this.#buffer.subarray(this.#filled, this.#filled + size))
    pack.table.add(id, size, size, 0, crc)
    this.#written.set(toHex(id), size)
    this.#filled += size
    if (pack.table.storedBytes >= PACK_BYTES || pack.table.count >= PACK_ENTRIES) this.#close()
  }

  append(id: Uint8Array, bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes)
    this.commit(id, bytes.length)
  }

  /** Closes the last pack and waits until all are on disk. The folder of the packs is synced by the caller, once. */
  async finish(): Promise<string[]> {
    if (this.#pack !== undefined) this.#close()
    await Promise.all(this.#closing)
    return this.#names.splice(0)
  }

  /** Forgets what is not finished. */
  abandon(): void {
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
    const name = randomName()
    this.#names.push(name)
    const publish = (): void => {
      closeSync(fd)
      renameSync(path, packPath(this.#layout, name))
    }
    if (table.storedBytes < BUFFER_BYTES) {
      fsyncSync(fd)
      publish()
    } else this.#closing.push(fsyncLater(fd).then(publish))
  }
}
