import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, toHex } from '@art/core'
import { Cache } from '@art/core/cache/cache.ts'
import { checkoutDirectory } from '@art/core/checkout/directory.ts'
import { storeDirectory } from '@art/core/scan/store-directory.ts'
import { FileStore } from '@art/core/scan/store-file.ts'
import { createPool, type Pool } from '@art/core/worker/pool.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import type { ObjectStore } from '../object-store.ts'
import { fetch } from './fetch.ts'
import { push, type PushReport } from './push.ts'
import type { Target } from './target.ts'
import { TwoMachines, verifyCache } from './two-machines.ts'

let pool: Pool
let folder: string
beforeAll(async () => {
  pool = await createPool(0)
})
afterAll(() => pool.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-transfer-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const context = (store: ObjectStore, cache: Cache, compress = false) => ({
  store,
  cache,
  pool,
  compress,
  repo: 'ab'.repeat(16),
  site: 'cd'.repeat(8),
  commits: [],
})

async function addDirectory(cache: Cache, path: string): Promise<Target> {
  const { root } = await storeDirectory(path, { cache, pool, trustedBefore: 0 })
  return { kind: 'd', oid: toHex(root.oid), size: root.size, path: 'data' }
}

async function addFile(cache: Cache, path: string): Promise<Target> {
  const files = new FileStore(cache)
  const { oid, size } = await files.store(path)
  await files.finish()
  return { kind: 'f', oid, size, path: 'model.pth' }
}

function writeDataset(path: string): void {
  for (const sub of ['', 'a', 'a/deep', 'b', 'empty folder']) mkdirSync(join(path, sub), { recursive: true })
  for (let i = 0; i < 300; i++) writeFileSync(join(path, i % 2 ? 'a' : 'b', `file ${i}.bin`), randomBytes(100 + i * 7))
  writeFileSync(join(path, 'a.txt'), 'between folder a and its files, in byte order')
  writeFileSync(join(path, 'empty'), '')
  writeFileSync(join(path, 'a/deep/same'), 'twice')
  writeFileSync(join(path, 'b/same'), 'twice')
  writeFileSync(join(path, 'medium'), randomBytes(700_000))
  writeFileSync(join(path, 'large'), randomBytes(5_000_000))
  writeFileSync(join(path, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
  symlinkSync('../a.txt', join(path, 'b/link'))
}

function snapshot(path: string, prefix = ''): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name)
    const name = prefix + entry.name
    if (entry.isDirectory()) Object.assign(found, { [`${name}/`]: 'folder' }, snapshot(inner, `${name}/`))
    else if (entry.isSymbolicLink()) found[name] = 'link'
    else
      found[name] = `${createHash('sha256').update(readFileSync(inner)).digest('hex')} ${statSync(inner).mode & 0o100}`
  }
  return found
}

describe.each([false, true])('with compression %s', (compress) => {
  it('brings a directory to another machine as it was', async () => {
    const store = new MemoryStore()
    const here = new Cache(join(folder, 'here'))
    const there = new Cache(join(folder, 'there'))
    writeDataset(join(folder, 'data'))
    const target = await addDirectory(here, join(folder, 'data'))
    const pushed = await push([target], context(store, here, compress))
    expect(pushed.missing).toEqual([])
    const fetched = await fetch([target], { store, cache: there, pool: async () => pool })
    expect(fetched.missing).toEqual([])
    const out = join(folder, 'out')
    const options = { cache: there, pool, links: ['copy'] as const, trustedBefore: 0, temporary: join(folder, 'tmp') }
    const result = await checkoutDirectory(out, fromHex(target.oid), options)
    expect(result.failures).toEqual([])
    expect(snapshot(out)).toEqual(snapshot(join(folder, 'data')))
  })

  it('brings a large file, and sends only what a second version changes', async () => {
    const store = new MemoryStore()
    const here = new Cache(join(folder, 'here'))
    const there = new Cache(join(folder, 'there'))
    const path = join(folder, 'model.pth')
    const bytes = randomBytes(40_000_000)
    writeFileSync(path, bytes)
    const first = await addFile(here, path)
    await push([first], context(store, here, compress))
    bytes.fill(7, 39_000_000)
    writeFileSync(path, bytes)
    const second = await addFile(here, path)
    const report = await push([second], context(store, here, compress))
    expect(report.new).toBeLessThan(1_300_000)
    for (const [target, most] of [
      [first, 40_100_000],
      [second, 1_300_000],
    ] as const) {
      const relatives = async () => [first]
      const { missing, transferred } = await fetch([target], { store, cache: there, pool: async () => pool, relatives })
      expect(missing).toEqual([])
      expect(transferred).toBeLessThan(most)
      expect(there.largeSize(target.oid)).toBe(40_000_000)
    }
  })
})

describe('what is missing is named', () => {
  const pushBroken = async (): Promise<PushReport> => {
    const here = new Cache(join(folder, 'here'))
    writeDataset(join(folder, 'data'))
    const target = await addDirectory(here, join(folder, 'data'))
    rmSync(join(folder, 'here/objects'), { recursive: true })
    here.reload()
    return await push([target], context(new MemoryStore(), here))
  }

  it('when the cache lost a file before a push', async () => {
    const report = await pushBroken()
    expect(report.missing.map(({ path }) => path)).toEqual(['data/large'])
    expect(report.sent).toEqual([])
  })

  it('when the remote has nothing of it', async () => {
    const there = new Cache(join(folder, 'there'))
    const store = new MemoryStore()
    writeFileSync(join(folder, 'x'), 'x')
    await push(
      [await addFile(new Cache(join(folder, 'here')), join(folder, 'x'))],
      context(store, new Cache(join(folder, 'here'))),
    )
    const report = await fetch([{ kind: 'f', oid: 'ee'.repeat(32), size: 9, path: 'gone.pth' }], {
      store,
      cache: there,
      pool: async () => pool,
    })
    expect(report.missing).toEqual([{ path: 'gone.pth', message: 'not on the remote' }])
  })
})

it('adopts what another push has sent, without sending it again', async () => {
  const store = new MemoryStore()
  const here = new Cache(join(folder, 'here'))
  writeFileSync(join(folder, 'x'), randomBytes(3_000_000))
  const target = await addFile(here, join(folder, 'x'))
  await push([target], context(store, here))
  const again = await push([target], context(store, here))
  expect(again).toMatchObject({ new: 0, stored: 0, sent: [] })
})

it('a damaged cache object is refused before anything of it is published', async () => {
  const store = new MemoryStore()
  const here = new Cache(join(folder, 'here'))
  writeFileSync(join(folder, 'x'), randomBytes(3_000_000))
  const target = await addFile(here, join(folder, 'x'))
  const object = join(folder, 'here/objects', target.oid.slice(0, 2), target.oid.slice(2))
  const bytes = readFileSync(object)
  bytes[1_000_000]! ^= 1
  rmSync(object)
  writeFileSync(object, bytes)
  utimesSync(object, 1_000_000_000, 1_000_000_000)
  await expect(push([target], context(store, here))).rejects.toMatchObject({ code: 'CORRUPT' })
  truncateSync(object, 10)
  expect(existsSync(object)).toBe(true)
})

it('very much is fetched in portions, also of one directory, and what occurs in several comes once', async () => {
  const machines = await TwoMachines.start()
  const medium = Array.from({ length: 9 }, () => randomBytes(200_000))
  const members = Object.fromEntries(medium.flatMap((bytes, i) => [`a/${i}`, `b/${i}`].map((path) => [path, bytes])))
  const targets = [
    await machines.addDirectory('data', { ...members, large: randomBytes(2_000_000) }),
    await machines.addFile('medium', medium[8]!),
    await machines.addFile('other', randomBytes(3_000_000)),
  ]
  await machines.push(targets)
  const { missing, new: raw } = await machines.fetch(targets, machines.store, machines.there, { portion: 2 })
  expect(missing).toEqual([])
  expect(raw).toBeLessThan(7_300_000)
  verifyCache(machines.there)
  expect(machines.there.packs.tables.length).toBeGreaterThan(3)
  machines.close()
})
