import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CallOptions, toHex } from '@art/core'
import { Cache } from '@art/core/cache/cache.ts'
import { PackReader } from '@art/core/cache/pack-reader.ts'
import { storeDirectory } from '@art/core/scan/store-directory.ts'
import { FileStore } from '@art/core/scan/store-file.ts'
import { createPool, type Pool } from '@art/core/worker/pool.ts'
import { MemoryStore } from '../backend/memory/store.ts'
import { type RetryPolicy, retryStore } from '../decorate/retry.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { fetch, type FetchContext, type FetchReport } from './fetch.ts'
import { push, type PushReport } from './push.ts'
import { openRemoteFile, type RemoteFile, type RemoteFileContext } from './remote-file.ts'
import type { Target } from './target.ts'

/** Tries often, and never waits. */
export const PATIENT: RetryPolicy = { attempts: 12, firstDelay: 0, maxDelay: 0, delay: async () => {}, random: () => 0 }

/** For tests: a machine that has data, one that has none, and a remote between them. */
export class TwoMachines {
  readonly store = new MemoryStore()
  readonly here: Cache
  readonly there: Cache
  /** Hears what pushes and fetches tell. */
  onEvent: CallOptions['onEvent']
  readonly #folder: string
  readonly #pool: Pool

  private constructor(folder: string, pool: Pool) {
    this.#folder = folder
    this.#pool = pool
    this.here = new Cache(join(folder, 'here'))
    this.there = new Cache(join(folder, 'there'))
  }

  static async start(): Promise<TwoMachines> {
    return new TwoMachines(mkdtempSync(join(tmpdir(), 'art-machines-')), await createPool(0))
  }

  close(): void {
    this.here.close()
    this.there.close()
    rmSync(this.#folder, { recursive: true })
  }

  /** One more machine that has nothing. */
  another(): Cache {
    return new Cache(mkdtempSync(join(this.#folder, 'machine-')))
  }

  /** Some bytes become a file that this machine has. */
  async addFile(path: string, bytes: Uint8Array): Promise<Target> {
    const place = join(this.#folder, 'work', path)
    mkdirSync(join(place, '..'), { recursive: true })
    writeFileSync(place, bytes)
    const files = new FileStore(this.here)
    const { oid, size } = await files.store(place)
    await files.finish()
    return { kind: 'f', oid, size, path }
  }

  async addDirectory(path: string, contents: Record<string, Uint8Array>): Promise<Target> {
    const place = join(this.#folder, 'work', path)
    for (const [name, bytes] of Object.entries(contents)) {
      mkdirSync(join(place, name, '..'), { recursive: true })
      writeFileSync(join(place, name), bytes)
    }
    const { root } = await storeDirectory(place, { cache: this.here, pool: this.#pool, trustedBefore: 0 })
    return { kind: 'd', oid: toHex(root.oid), size: root.size, path }
  }

  /** Files of every shape that travels in its own way. */
  async addDataset(path = 'data'): Promise<Target> {
    const small = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`sub/${i}.bin`, randomBytes(500 + i)]))
    const contents = { ...small, empty: new Uint8Array(0), medium: randomBytes(400_000), large: randomBytes(1_500_000) }
    return await this.addDirectory(path, contents)
  }

  async push(
    targets: readonly Target[],
    store: ObjectStore = this.store,
    cache = this.here,
    compress = false,
  ): Promise<PushReport> {
    const context = {
      store,
      cache,
      pool: this.#pool,
      compress,
      repo: 'ab'.repeat(16),
      site: 'cd'.repeat(8),
      commits: [],
      onEvent: this.onEvent,
    }
    return await push(targets, context)
  }

  async fetch(
    targets: readonly Target[],
    store: ObjectStore = this.store,
    cache = this.there,
    more: Pick<FetchContext, 'relatives' | 'portion'> = {},
  ): Promise<FetchReport> {
    const { onEvent } = this
    return await fetch(targets, { store, cache, pool: async () => this.#pool, onEvent, ...more })
  }

  async openFile(target: Target, more: Partial<RemoteFileContext> = {}): Promise<RemoteFile> {
    return await openRemoteFile(target, { store: this.store, cache: this.there, pool: async () => this.#pool, ...more })
  }

  patient(store: ObjectStore): ObjectStore {
    return retryStore(store, PATIENT)
  }

  keys(prefix: string): string[] {
    return this.store.keys().filter((key) => key.startsWith(prefix))
  }

  /** Changes an object where it lies. */
  async damage(key: string, change: (bytes: Buffer) => Uint8Array): Promise<void> {
    await this.store.put(key, change(Buffer.from(await readAll(this.store, key))))
  }
}

/** Reads everything that a cache holds; throws where something is not what its name says. Returns how many contents there are. */
export function verifyCache(cache: Cache): number {
  cache.reload()
  let contents = 0
  const reader = new PackReader(cache.packs)
  for (const table of cache.packs.tables) for (let i = 0; i < table.count; i++, contents++) reader.read(table.id(i))
  if (!existsSync(cache.layout.objects)) return contents
  for (const entry of readdirSync(cache.layout.objects, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const oid = path.slice(cache.layout.objects.length + 1).replaceAll(/[/\\]/g, '')
    if (createHash('sha256').update(readFileSync(path)).digest('hex') !== oid) throw new Error(`${path} is damaged`)
    contents++
  }
  return contents
}
