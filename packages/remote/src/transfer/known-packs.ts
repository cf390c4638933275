import { ArtError, type CallOptions, sha256 } from '@art/core'
import { randomName } from '@art/core/cache/layout.ts'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import { ChunkIndex } from '@art/core/pack/chunk-index.ts'
import { PACK_MAX } from '@art/core/pack/layout.ts'
import { packTailSize, PackTable } from '@art/core/pack/table.ts'
import type { RecipePack } from '@art/core/recipe/recipe.ts'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AGAIN, readTwice } from '../layout/damage.ts'
import { packKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { incoming } from './weights.ts'

export interface KnownPack {
  name: string
  /** Bytes of the whole object. */
  size: number
  table: PackTable
}

/** Bounds the memory that tables take: 1.5 million chunks are 72 MB, some 100 GB of data. Of packs beyond it the tables are on disk alone. */
const MAX_CHUNKS = 1_500_000
/** Tables that may be read again, in times the packs there are, before what is followed counts as too scattered. */
const READ_AGAIN = 20
const READ_AGAIN_LEAST = 10_000

/**
 * Tables of the packs of one remote, cached on this machine: they are immutable, and say which chunks need no upload. A table of a
 * pack that is gone costs a repair round, never correctness.
 */
export class KnownPacks {
  readonly #folder: string
  /** Entries of tables in memory at most; one table may have more. */
  readonly #most: number
  /** Those used last come last. */
  readonly #packs = new Map<string, KnownPack>()
  #asked = 0
  #chunks = 0
  #readAgain = 0

  /** `tables`: the folder of the cache for tables; each remote has its own below it, named by its address. */
  constructor(tables: string, url: string, most = MAX_CHUNKS) {
    this.#most = most
    this.#folder = join(tables, sha256(Buffer.from(url)).toString('hex').slice(0, 16))
  }

  /** Where what earlier pushes and pulls left here is kept; undefined where they left nothing. */
  get remembered(): string | undefined {
    return this.#files().length > 0 ? this.#folder : undefined
  }

  /** Loads what earlier pushes and pulls left here, the newest, as much as may be in memory. */
  loadAll(): void {
    let left = this.#most
    const found: KnownPack[] = []
    for (const { name, size, path } of this.#files()) {
      if (this.#packs.has(name)) continue
      const table = this.#read(path, size)
      if (table === undefined) continue
      left -= table.count
      if (left < 0) break
      found.push({ name, size, table })
    }
    for (const pack of found.reverse()) this.#remember(pack)
  }

  get packs(): KnownPack[] {
    return [...this.#packs.values()]
  }

  index(): ChunkIndex {
    return ChunkIndex.build(this.packs.map(({ table }) => ({ table: table.bytes, count: table.count })))
  }

  /** The table of a pack that a recipe names: from this machine, else the end of the object itself. */
  async table(store: ObjectStore, pack: RecipePack, options?: CallOptions): Promise<PackTable> {
    this.#asked++
    const here = this.#here(pack)
    if (here !== undefined) return here
    const key = packKey(pack.name)
    const length = packTailSize(pack.chunks)
    if (length > pack.size) throw damaged(key)
    const range = { start: pack.size - length, end: pack.size }
    const read = async (): Promise<PackTable> => {
      const tail = await readAll(store, key, { ...options, range })
      const table = PackTable.parse(tail, pack.size)
      if (table.count !== pack.chunks) throw damaged(key)
      this.add(pack.name, pack.size, tail, table)
      return table
    }
    return await readTwice(() => incoming(store).run(length, read))
  }

  /** A table that `table` has given before. Fails with `REMOTE_DAMAGED` where it is no longer to be had at once. */
  tableAgain(pack: RecipePack): PackTable {
    const known = this.#packs.get(pack.name)
    if (known !== undefined) return known.table
    if (this.#readAgain++ > READ_AGAIN * this.#asked + READ_AGAIN_LEAST) throw tooScattered(packKey(pack.name))
    const table = this.#here(pack)
    if (table !== undefined) return table
    throw damaged(packKey(pack.name))
  }

  #here(pack: RecipePack): PackTable | undefined {
    const known = this.#packs.get(pack.name)
    const table = known?.size === pack.size ? known.table : this.#read(this.#path(pack.name, pack.size), pack.size)
    if (table === undefined) return undefined
    if (table.count !== pack.chunks) {
      // Recipe and table disagree: the pack itself will tell.
      this.forget(pack)
      return undefined
    }
    this.#remember({ name: pack.name, size: pack.size, table })
    return table
  }

  #remember(pack: KnownPack): void {
    this.#drop(pack.name)
    this.#packs.set(pack.name, pack)
    this.#chunks += pack.table.count
    for (const name of this.#packs.keys()) {
      if (this.#chunks <= this.#most || name === pack.name) return
      this.#drop(name)
    }
  }

  #drop(name: string): void {
    const known = this.#packs.get(name)
    if (known === undefined) return
    this.#packs.delete(name)
    this.#chunks -= known.table.count
  }

  add(name: string, size: number, tail: Uint8Array, table = PackTable.parse(tail, size)): void {
    this.#remember({ name, size, table })
    mkdirSync(this.#folder, { recursive: true })
    const path = this.#path(name, size)
    // Another process may be keeping the same table.
    const temporary = `${path}.${randomName()}`
    writeFileSync(temporary, tail)
    renameSync(temporary, path)
  }

  /** The pack turned out to be gone or condemned; its table may be here without having been loaded. */
  forget({ name, size }: { name: string; size: number }): void {
    this.#drop(name)
    rmSync(this.#path(name, size), { force: true })
  }

  #path(name: string, size: number): string {
    return join(this.#folder, `${name}.${size}`)
  }

  #read(path: string, size: number): PackTable | undefined {
    try {
      return PackTable.parse(readPlainFile(path, { max: PACK_MAX }), size)
    } catch {
      return undefined
    }
  }

  #files(): { name: string; size: number; path: string }[] {
    let names: string[]
    try {
      names = readdirSync(this.#folder)
    } catch {
      return []
    }
    const files = names.flatMap((file) => {
      const [name, size, unfinished] = file.split('.')
      if (!/^[0-9a-f]{32}$/.test(name ?? '') || !/^\d+$/.test(size ?? '') || unfinished !== undefined) return []
      const path = join(this.#folder, file)
      return [{ name: name!, size: Number(size), path, age: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }]
    })
    return files.sort((a, b) => b.age - a.age)
  }
}

function damaged(path: string): ArtError {
  return new ArtError('REMOTE_DAMAGED', 'the pack is not what its recipe says', {
    path,
    hint: AGAIN,
  })
}

function tooScattered(path: string): ArtError {
  return new ArtError('REMOTE_DAMAGED', 'the content lies scattered over more packs than art can follow', {
    path,
    hint: AGAIN,
  })
}
