import { closeSync, fstatSync, openSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { ArtError } from '../error.ts'
import { failureAt } from '../fs/refusal.ts'
import { readWholeSync } from '../fs/whole.ts'
import { ChunkIndex, type ChunkIndexState, type IndexedTable } from '../pack/chunk-index.ts'
import { FOOTER_BYTES, packTailSize, PackTable, parseFooter } from '../pack/table.ts'
import { DAMAGE_SUFFIX, damageOf } from './damage.ts'

/** How a thread tells another about the packs that it has opened. */
export interface PackSetState {
  folder: string
  names: string[]
  sizes: number[]
  tails: SharedArrayBuffer[]
  index: ChunkIndexState
}

const MAX_OPEN = 64
const PACK_SUFFIX = '.pack'

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

  /**
   * Reads the tables. A pack that cannot be read is as good as absent, and so are entries that are known to be damaged. The former,
   * and the latter where they were found now, are told to `onDamaged`.
   */
  static load(folder: string, onDamaged?: (path: string, error: ArtError) => void): PackSet {
    const state = { folder, names: [] as string[], sizes: [] as number[], tails: [] as SharedArrayBuffer[] }
    const tables: IndexedTable[] = []
    const files = filesIn(folder)
    for (const file of files) {
      if (!file.endsWith(PACK_SUFFIX)) continue
      const path = join(folder, file)
      const name = file.slice(0, -PACK_SUFFIX.length)
      try {
        const { tail, stat } = readTail(path)
        const table = PackTable.parse(new Uint8Array(tail), stat.size)
        const { without, isNew } = damageOf(path, stat, table, files.has(name + DAMAGE_SUFFIX))
        if (isNew) onDamaged?.(path, partly(path, without.size, table.count))
        tables.push({ table: table.bytes, count: table.count, without })
        state.names.push(name)
        state.sizes.push(stat.size)
        state.tails.push(tail)
      } catch (error) {
        onDamaged?.(path, failureAt(path, error))
      }
    }
    return new PackSet({ ...state, index: ChunkIndex.build(tables).state })
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
    return join(this.state.folder, this.state.names[pack] + PACK_SUFFIX)
  }
}

function partly(path: string, damaged: number, count: number): ArtError {
  const message = `part of this pack is damaged: ${damaged} of ${count} contents count as not cached`
  return new ArtError('CORRUPT', message, { path })
}

function filesIn(folder: string): Set<string> {
  try {
    return new Set(readdirSync(folder))
  } catch {
    return new Set()
  }
}

function readTail(path: string): { tail: SharedArrayBuffer; stat: Stats } {
  const fd = openSync(path, 'r')
  try {
    const stat = fstatSync(fd)
    const { size } = stat
    const footer = Buffer.alloc(Math.min(size, FOOTER_BYTES))
    readWholeSync(fd, footer, size - footer.length)
    const length = Math.min(size, packTailSize(parseFooter(footer).count))
    const tail = new SharedArrayBuffer(length)
    readWholeSync(fd, new Uint8Array(tail), size - length)
    return { tail, stat }
  } finally {
    closeSync(fd)
  }
}
