import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtError } from '../error.ts'
import { failureAt } from '../fs/refusal.ts'
import { readWholeSync } from '../fs/whole.ts'
import { ChunkIndex, type ChunkIndexState } from '../pack/chunk-index.ts'
import { FOOTER_BYTES, packTailSize, PackTable, parseFooter } from '../pack/table.ts'

/** How a thread tells another about the packs that it has opened. */
export interface PackSetState {
  folder: string
  names: string[]
  sizes: number[]
  tails: SharedArrayBuffer[]
  index: ChunkIndexState
}

const MAX_OPEN = 64

/** Every pack of the cache, with one table over all that they hold. A set does not see packs that come after it was loaded. */
export class PackSet {
  readonly state: PackSetState
  readonly #index: ChunkIndex
  readonly #tables: PackTable[]
  readonly #open = new Map<number, number>()

  constructor(state: PackSetState) {
    this.state = state
    this.#index = ChunkIndex.from(state.index)
    this.#tables = state.tails.map((tail, i) => PackTable.parse(new Uint8Array(tail), state.sizes[i]!))
  }

  /** Reads the tables. A pack that cannot be read is as good as absent, and told to `onDamaged`. */
  static load(folder: string, onDamaged?: (path: string, error: ArtError) => void): PackSet {
    const state = { folder, names: [] as string[], sizes: [] as number[], tails: [] as SharedArrayBuffer[] }
    const tables: PackTable[] = []
    for (const file of packFiles(folder)) {
      const path = join(folder, file)
      try {
        const { tail, size } = readTail(path)
        tables.push(PackTable.parse(new Uint8Array(tail), size))
        state.names.push(file.slice(0, -'.pack'.length))
        state.sizes.push(size)
        state.tails.push(tail)
      } catch (error) {
        onDamaged?.(path, failureAt(path, error))
      }
    }
    const index = ChunkIndex.build(tables.map((table) => ({ table: table.bytes, count: table.count })))
    return new PackSet({ ...state, index: index.state })
  }

  get tables(): readonly PackTable[] {
    return this.#tables
  }

  has(id: Uint8Array): boolean {
    return this.#index.lookup(id) >= 0
  }

  /** One number for each distinct content of the set; -1 for what it lacks. */
  numberOf(id: Uint8Array): number {
    return this.#index.lookup(id)
  }

  /** Where a content lies: number of its pack and of its entry there. */
  find(id: Uint8Array): { pack: number; entry: number } | undefined {
    const found = this.#index.lookup(id)
    return found < 0 ? undefined : { pack: this.#index.packOf(found), entry: this.#index.entryOf(found) }
  }

  descriptor(pack: number): number {
    let fd = this.#open.get(pack)
    if (fd !== undefined) return fd
    if (this.#open.size >= MAX_OPEN) {
      const [oldest, other] = this.#open.entries().next().value!
      closeSync(other)
      this.#open.delete(oldest)
    }
    fd = openSync(this.pathOf(pack), 'r')
    this.#open.set(pack, fd)
    return fd
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }

  pathOf(pack: number): string {
    return join(this.state.folder, `${this.state.names[pack]}.pack`)
  }
}

function packFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.pack'))
  } catch {
    return []
  }
}

function readTail(path: string): { tail: SharedArrayBuffer; size: number } {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const footer = Buffer.alloc(Math.min(size, FOOTER_BYTES))
    readWholeSync(fd, footer, size - footer.length)
    const length = Math.min(size, packTailSize(parseFooter(footer).count))
    const tail = new SharedArrayBuffer(length)
    readWholeSync(fd, new Uint8Array(tail), size - length)
    return { tail, size }
  } finally {
    closeSync(fd)
  }
}
