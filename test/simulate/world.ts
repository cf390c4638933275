import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256, toHex } from '@art/core'
import { Cache } from '@art/core/cache/cache.ts'
import { storeDirectory } from '@art/core/scan/store-directory.ts'
import { createPool, type Pool } from '@art/core/worker/pool.ts'
import { MemoryStore } from '@art/remote/backend/memory/store.ts'
import { encodeRoot } from '@art/remote/layout/root.ts'
import { readAll } from '@art/remote/read-all.ts'
import { push } from '@art/remote/transfer/push.ts'
import type { Target } from '@art/remote/transfer/target.ts'
import { Chance, withSeededNames } from './chance.ts'

export const REPO = 'ab'.repeat(16)
export const SITE = 'cd'.repeat(8)

/** What earlier pushes have left: objects of the remote, and the tables that a machine remembers of it. */
export interface History {
  objects: Map<string, Uint8Array>
  tables: string
  roots: string[]
  targets: Target[]
}

/** Contents, and pasts of the remote, that all schedules start from. */
export interface World {
  folder: string
  pool: Pool
  targets: Target[]
  histories: Map<string, History>
  /** A machine of its own; one that has the data shares it with others, but not what it knows of the remote. */
  machine(name: string, has: 'data' | 'nothing', tables?: string): Cache
}

export async function createWorld(): Promise<World> {
  // Where it is in memory, an fsync costs nothing.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'art-simulate-'))
  const pool = await createPool(0)
  const data = new Cache(join(folder, 'data'))
  const machine: World['machine'] = (name, has, tables) => {
    const root = join(folder, name)
    mkdirSync(root, { recursive: true })
    if (has === 'data')
      for (const part of ['packs', 'objects', 'tmp']) symlinkSync(join(folder, 'data', part), join(root, part))
    if (tables !== undefined) cpSync(tables, join(root, 'tables'), { recursive: true })
    return new Cache(root)
  }
  const targets = await storeContents(data, pool, join(folder, 'work'))
  const world = { folder, pool, targets, histories: new Map<string, History>(), machine }
  const [photos, notes, photo] = targets as [Target, Target, Target]
  const pasts: Record<string, Past[]> = {
    nothing: [],
    'unrooted photos': [{ target: photos }],
    'rooted photos': [{ target: photos, rooted: true }],
    'packs of photos without a recipe': [{ target: photos, lostRecipe: true }],
    'rooted photos, unrooted notes and photo': [{ target: photos, rooted: true }, { target: notes }, { target: photo }],
    'a root that includes another': [
      { target: photos, rooted: true },
      { target: notes, rooted: true, includes: true },
    ],
  }
  for (const [name, past] of Object.entries(pasts)) {
    world.histories.set(
      name,
      await withSeededNames(0xa57_0000 + world.histories.size, () => writeHistory(`history ${name}`, past, world)),
    )
  }
  return world
}

async function storeContents(cache: Cache, pool: Pool, folder: string): Promise<Target[]> {
  const chance = new Chance(1)
  const bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => chance.below(256)))
  const photo = bytes(200_000)
  const contents = { 'a.png': photo, 'b.txt': bytes(2300), 'c.txt': bytes(700), 'd.bin': bytes(4000), empty: bytes(0) }
  const folders: Record<string, (keyof typeof contents)[]> = {
    photos: ['a.png', 'b.txt', 'c.txt'],
    notes: ['b.txt', 'd.bin', 'empty'],
    'one photo': ['a.png'],
    everything: ['a.png', 'b.txt', 'c.txt', 'd.bin', 'empty'],
  }
  const targets: Target[] = []
  for (const [name, files] of Object.entries(folders)) {
    mkdirSync(join(folder, name, 'sub'), { recursive: true })
    for (const [i, file] of files.entries()) writeFileSync(join(folder, name, i % 2 ? 'sub' : '', file), contents[file])
    const { root } = await storeDirectory(join(folder, name), { cache, pool, trustedBefore: 0 })
    if (files.length > 1) targets.push({ kind: 'd', oid: toHex(root.oid), size: root.size, path: name })
    else targets.push({ kind: 'f', oid: toHex(sha256(photo)), size: photo.length, path: name })
  }
  return targets
}

interface Past {
  target: Target
  rooted?: boolean
  lostRecipe?: boolean
  includes?: boolean
}

async function writeHistory(name: string, past: readonly Past[], { machine, pool }: World): Promise<History> {
  const cache = machine(name, 'data')
  mkdirSync(cache.layout.tables)
  const store = new MemoryStore()
  for (const { target, rooted, lostRecipe, includes } of past) {
    const before = store.keys()
    await push([target], { store, cache, pool, compress: false, repo: REPO, site: SITE, commits: [] })
    const added = (prefix: string): string[] =>
      store.keys().filter((key) => key.startsWith(prefix) && !before.includes(key))
    if (!rooted) await store.delete(added('roots/'))
    if (lostRecipe) await store.delete(added('recipes/'))
    if (includes)
      await store.put(
        added('roots/')[0]!,
        encodeRoot({ commits: [], needs: [target], includes: before.filter(isRoot) }),
      )
  }
  const objects = new Map<string, Uint8Array>()
  for (const key of store.keys()) objects.set(key, await readAll(store, key))
  return {
    objects,
    tables: cache.layout.tables,
    roots: store.keys().filter(isRoot),
    targets: past.map(({ target }) => target),
  }
}

function isRoot(key: string): boolean {
  return key.startsWith('roots/')
}
