import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { sha256, toHex } from '@art/core'
import { packTailSize, PackTableBuilder } from '@art/core/pack/table.ts'
import type { RecipePack } from '@art/core/recipe/recipe.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import { packKey } from '../layout/keys.ts'
import { KnownPacks } from './known-packs.ts'

let folder: string
let store: MemoryStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-tables-'))
  store = new MemoryStore()
})
afterEach(() => rmSync(folder, { recursive: true }))

const NAME = '12'.repeat(16)
const CHUNKS = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')]

function makePack(): Buffer {
  const builder = new PackTableBuilder()
  for (const chunk of CHUNKS) builder.add(sha256(chunk), chunk.length, chunk.length, 0, crc32(chunk))
  return Buffer.concat([...CHUNKS, builder.finish()])
}

async function known(): Promise<{ packs: KnownPacks; pack: { name: string; size: number; chunks: number } }> {
  const bytes = makePack()
  await store.put(packKey(NAME), bytes)
  return { packs: new KnownPacks(folder, store.url), pack: { name: NAME, size: bytes.length, chunks: CHUNKS.length } }
}

const tables = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )

describe('the table of a pack', () => {
  it('is read from its end once, and then from this machine', async () => {
    const { packs, pack } = await known()
    const table = await packs.table(store, pack)
    expect(table.count).toBe(3)
    await store.delete([packKey(NAME)])
    expect((await new KnownPacks(folder, store.url).table(store, pack)).bytes).toEqual(table.bytes)
  })

  it('tells which chunks need no upload, in every later run', async () => {
    const { packs, pack } = await known()
    await packs.table(store, pack)
    const later = new KnownPacks(folder, store.url)
    expect(later.index().lookup(sha256(CHUNKS[1]!))).toBe(-1)
    later.loadAll()
    const entry = later.index().lookup(sha256(CHUNKS[1]!))
    expect(later.index().entryOf(entry)).toBe(1)
    expect(later.packs).toMatchObject([{ name: NAME, size: pack.size }])
  })

  it('is another one for each remote', async () => {
    const { packs, pack } = await known()
    await packs.table(store, pack)
    const other = new KnownPacks(folder, 's3://other')
    other.loadAll()
    expect(other.packs).toEqual([])
  })

  it('is forgotten for good, also by whoever has not loaded it', async () => {
    const { packs, pack } = await known()
    await packs.table(store, pack)
    new KnownPacks(folder, store.url).forget(pack)
    expect(tables()).toEqual([])
    const later = new KnownPacks(folder, store.url)
    later.loadAll()
    expect(later.packs).toEqual([])
  })

  it('is not believed where the copy on this machine is damaged', async () => {
    const { packs, pack } = await known()
    await packs.table(store, pack)
    const [file] = tables()
    const bytes = readFileSync(file!)
    bytes[5]! ^= 1
    writeFileSync(file!, bytes)
    const later = new KnownPacks(folder, store.url)
    later.loadAll()
    expect(later.packs).toEqual([])
    expect(toHex((await later.table(store, pack)).id(0))).toBe(toHex(sha256(CHUNKS[0]!)))
  })

  it('passes over what else lies in its folder', async () => {
    const { packs, pack } = await known()
    await packs.table(store, pack)
    const [file] = tables()
    writeFileSync(`${file}.${NAME}`, 'unfinished')
    writeFileSync(join(file!, '..', 'notes.txt'), 'not a table')
    const later = new KnownPacks(folder, store.url)
    later.loadAll()
    expect(later.packs).toHaveLength(1)
  })
})

describe('tables that are too many for the memory', () => {
  async function several(most: number): Promise<{ packs: KnownPacks; made: RecipePack[] }> {
    const bytes = makePack()
    const made = Array.from({ length: 5 }, (_, i) => ({ name: `${i}`.repeat(32), size: bytes.length, chunks: 3 }))
    for (const { name } of made) await store.put(packKey(name), bytes)
    const packs = new KnownPacks(folder, store.url, most)
    for (const pack of made) await packs.table(store, pack)
    return { packs, made }
  }

  it('leave it, those not used for longest first, and are read again from this machine', async () => {
    const { packs, made } = await several(9)
    expect(packs.packs.map(({ name }) => name)).toEqual(made.slice(2).map(({ name }) => name))
    await store.delete(made.map(({ name }) => packKey(name)))
    for (const pack of made) expect(packs.tableAgain(pack).count).toBe(3)
    expect(packs.packs).toHaveLength(3)
    const later = new KnownPacks(folder, store.url, 7)
    later.loadAll()
    expect(later.packs).toHaveLength(2)
  })

  it('are not read again without end', async () => {
    const { packs, made } = await several(1)
    const again = (): void => {
      for (let i = 0; i < 20_000; i++) packs.tableAgain(made[i % 5]!)
    }
    expect(again).toThrow('scattered')
  })

  it('and of which one is gone meanwhile, are said to be damaged', async () => {
    const { packs, made } = await several(3)
    for (const file of tables()) rmSync(file)
    expect(() => packs.tableAgain(made[0]!)).toThrow('not what its recipe says')
  })
})

describe('a recipe that lies about its pack', () => {
  it.each([{ chunks: 2 }, { chunks: 1_000_000 }, { size: packTailSize(3) + 1 }])(
    'is told by %j also where its table is known',
    async (lie) => {
      const { packs, pack } = await known()
      await packs.table(store, pack)
      await expect(packs.table(store, { ...pack, ...lie })).rejects.toMatchObject({
        code: expect.stringMatching(/CORRUPT|REMOTE_DAMAGED/) as string,
      })
      expect((await packs.table(store, pack)).count).toBe(3)
    },
  )

  it.each([
    ['its number of chunks', { chunks: 2 }],
    ['its number of chunks, more than fit', { chunks: 1_000_000 }],
    ['its size', { size: packTailSize(3) + 1 }],
  ])('is told by %s', async (_, lie) => {
    const { packs, pack } = await known()
    await expect(packs.table(store, { ...pack, ...lie })).rejects.toMatchObject({
      code: expect.stringMatching(/CORRUPT|REMOTE_DAMAGED/) as string,
    })
    expect(tables()).toEqual([])
  })
})
