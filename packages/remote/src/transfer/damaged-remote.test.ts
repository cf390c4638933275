import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { sha256 } from '@art/core'
import { packTailSize, PackTableBuilder } from '@art/core/pack/table.ts'
import { decodeRecipe, encodeRecipe, type Recipe } from '@art/core/recipe/recipe.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemoryStore } from '../backend/memory/store.ts'
import { adviceFor } from '../layout/damage.ts'
import { packKey } from '../layout/keys.ts'
import { readAll } from '../read-all.ts'
import { inspect } from './inspect.ts'
import type { Target } from './target.ts'
import { TwoMachines, verifyCache } from './two-machines.ts'

let machines: TwoMachines
beforeEach(async () => {
  machines = await TwoMachines.start()
})
afterEach(() => machines.close())

const flip = (place: number) => (bytes: Buffer) => {
  bytes[Math.floor(place * bytes.length)]! ^= 1
  return bytes
}

async function recipeOf({ kind, oid }: Target): Promise<{ key: string; recipe: Recipe }> {
  const key = machines.keys(`recipes/${kind}-${oid}/`)[0]!
  return { key, recipe: decodeRecipe(await readAll(machines.store, key)) }
}

describe('a pack that is gone', () => {
  let lost: Target
  let kept: Target
  beforeEach(async () => {
    lost = await machines.addDirectory('lost', {
      a: randomBytes(900),
      'b/c': randomBytes(300_000),
      d: randomBytes(1_200_000),
    })
    await machines.push([lost])
    const packs = machines.keys('packs/')
    kept = await machines.addDataset('kept')
    await machines.push([kept])
    await machines.store.delete(packs)
  })

  it('takes its target with it, by name and reason, and no other', async () => {
    const { fetched, missing } = await machines.fetch([lost, kept])
    expect(fetched).toEqual([kept])
    expect(missing).toEqual([
      { path: 'lost', message: expect.stringMatching(/^packs\/[0-9a-f]{32}: no such object$/) as string },
    ])
    verifyCache(machines.there)
  })

  it('is seen without fetching', async () => {
    const unknown: Target = { kind: 'f', oid: 'ee'.repeat(32), size: 1, path: 'unknown' }
    expect(await inspect([lost, kept, unknown], machines.store)).toEqual(['incomplete', 'ok', 'missing'])
    expect(await inspect([kept], new MemoryStore())).toEqual(['missing'])
  })

  it('comes back when a clone that has the data pushes', async () => {
    expect((await machines.push([lost, kept])).missing).toEqual([])
    expect((await machines.fetch([lost, kept])).missing).toEqual([])
    verifyCache(machines.there)
  })

  it('comes back for a clone that remembers where it was', async () => {
    const { store } = machines
    const model = await machines.addFile('model', randomBytes(500_000))
    await machines.push([model])
    const clone = machines.another()
    expect((await machines.fetch([model], store, clone)).missing).toEqual([])
    const { recipe } = await recipeOf(model)
    await store.delete(recipe.packs.map(({ name }) => packKey(name)))
    await machines.push([model])
    rmSync(clone.layout.packs, { recursive: true })
    clone.reload()
    expect((await machines.fetch([model], store, clone)).missing).toEqual([])
  })

  it('makes a push from a clone without the data fail by name', async () => {
    const { sent, missing } = await machines.push([lost], machines.store, machines.another())
    expect(sent).toEqual([])
    expect(missing.map(({ path }) => path)).toEqual(['lost'])
  })
})

describe('a pack with damage in it', () => {
  let target: Target
  beforeEach(async () => {
    target = await machines.addDataset()
    await machines.push([target])
  })

  it.each([0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 0.9995])('lets nothing wrong in, wherever it is (%f)', async (place) => {
    for (const key of machines.keys('packs/')) await machines.damage(key, flip(place))
    const { fetched, missing } = await machines.fetch([target])
    expect(fetched).toEqual([])
    expect(missing.length).toBeGreaterThan(0)
    for (const { message } of missing) expect(message).not.toBe('not on the remote')
    verifyCache(machines.there)
  })

  it.each([0, 0.3, 0.6, 0.99])('is told when it is cut off (at %f)', async (place) => {
    for (const key of machines.keys('packs/'))
      await machines.damage(key, (bytes) => bytes.subarray(0, Math.floor(bytes.length * place)))
    const { missing } = await machines.fetch([target])
    expect(missing.length).toBeGreaterThan(0)
    verifyCache(machines.there)
    // Its size gives it away, so a push sends it again.
    expect((await machines.push([target])).missing).toEqual([])
    expect((await machines.fetch([target])).missing).toEqual([])
    verifyCache(machines.there)
  })

  it('does not keep what lies in other packs', async () => {
    const other = await machines.addFile('other', randomBytes(200_000))
    const before = machines.keys('packs/')
    await machines.push([other])
    for (const key of before) await machines.damage(key, flip(0.3))
    expect((await machines.fetch([target, other])).fetched).toEqual([other])
    verifyCache(machines.there)
  })
})

/** Puts a pack of one's own making in place of what was pushed for a file, with a recipe that follows it. */
async function forge(bytes: Buffer, target: Target, scheme: number, stored: Buffer): Promise<string> {
  const { store } = machines
  const builder = new PackTableBuilder()
  builder.add(sha256(bytes), bytes.length, stored.length, scheme, crc32(stored))
  const pack = Buffer.concat([stored, builder.finish()])
  const name = randomBytes(16).toString('hex')
  await store.put(packKey(name), pack)
  const { key, recipe } = await recipeOf(target)
  await store.delete([key])
  const packs = [{ name, size: pack.length, chunks: 1 }]
  await store.put(key, encodeRecipe({ ...recipe, packs, runs: Uint32Array.from([0, 0, 1]) }))
  return packKey(name)
}

describe('a pack entry that this art does not know', () => {
  const bytes = randomBytes(1000)
  it.each([
    ['scheme', 99, Buffer.from(bytes), 'chunk stored by the unknown scheme 99'],
    // One plane of two bytes, of the method 9.
    ['method of a plane', 0x10, Buffer.from([2, 0, 0, 9, 1, 2]), 'plane stored by the unknown method 9'],
  ])('fails its own content by pack and path, and nothing else: %s', async (_, scheme, stored, why) => {
    const strange = await machines.addFile('strange', bytes)
    const other = await machines.addFile('other', randomBytes(200_000))
    await machines.push([strange])
    await machines.push([other])
    const pack = await forge(bytes, strange, scheme, stored)
    const { fetched, missing } = await machines.fetch([strange, other])
    expect(fetched).toEqual([other])
    expect(missing).toEqual([{ path: 'strange', message: `${pack}: ${why} (of a newer art, or damaged)` }])
    expect(adviceFor(missing[0]!.message)).toMatch(/^Update art\. Where it is the newest: delete that object/)
    verifyCache(machines.there)
  })
})

describe('a recipe that lies', () => {
  /** One pack with five chunks of a file, two of another file, and one without bytes. */
  const chunks = Array.from({ length: 7 }, () => randomBytes(100_000))
  const bytes = Buffer.concat(chunks.slice(0, 5))
  let target: Target
  let pack: Recipe['packs'][number]
  beforeEach(async () => {
    target = await machines.addFile('model', bytes)
    const builder = new PackTableBuilder()
    for (const chunk of [...chunks, Buffer.alloc(0)])
      builder.add(sha256(chunk), chunk.length, chunk.length, 0, crc32(chunk))
    const whole = Buffer.concat([...chunks, builder.finish()])
    pack = { name: '12'.repeat(16), size: whole.length, chunks: 8 }
    await machines.push([await machines.addFile('any', randomBytes(10))])
    await machines.store.put(packKey(pack.name), whole)
  })

  const lie = async (runs: number[], change: Partial<Recipe> = {}, n = '0'): Promise<void> => {
    const recipe = {
      kind: target.kind,
      oid: target.oid,
      size: bytes.length,
      packs: [pack],
      runs: Uint32Array.from(runs),
      ...change,
    }
    await machines.store.put(`recipes/f-${target.oid}/${n.repeat(16)}`, encodeRecipe(recipe))
  }

  const lies: Record<string, () => Promise<void>> = {
    'names chunks in another order': () => lie([0, 1, 1, 0, 0, 1, 0, 2, 3]),
    'names a chunk twice': () => lie([0, 0, 4, 0, 0, 1]),
    'names a chunk of another content': () => lie([0, 0, 4, 0, 6, 1]),
    'names too few chunks': () => lie([0, 0, 4]),
    'names too many chunks': () => lie([0, 0, 6]),
    'names no chunk': () => lie([], { packs: [] }),
    'says a smaller size': () => lie([0, 0, 5], { size: bytes.length - 1 }),
    'says a larger size': () => lie([0, 0, 5], { size: bytes.length + 1 }),
    'is that of a smaller file': () => lie([0, 0, 4], { size: 400_000 }),
    'is that of another oid': () => lie([0, 0, 5], { oid: 'ab'.repeat(32) }),
    'is that of a directory': () => lie([0, 0, 5], { kind: 'd' }),
    'names a pack that is not there': () => lie([0, 0, 5], { packs: [{ ...pack, name: '34'.repeat(16) }] }),
    'says another size of its pack': () => lie([0, 0, 5], { packs: [{ ...pack, size: pack.size - 1 }] }),
    'says a pack is smaller than its table': () => lie([0, 0, 5], { packs: [{ ...pack, size: packTailSize(8) - 1 }] }),
    'says another number of chunks': () => lie([0, 0, 5], { packs: [{ ...pack, chunks: 7 }] }),
  }

  it.each([
    [[0, 0, 5]],
    // Chunks without bytes add nothing, wherever they stand.
    [[0, 7, 1, 0, 0, 5]],
    [[0, 0, 2, 0, 7, 1, 0, 2, 3]],
    [[0, 0, 5, 0, 7, 1]],
  ])('would be believed if it did not: %j', async (runs) => {
    await lie(runs)
    expect((await machines.fetch([target])).missing).toEqual([])
    verifyCache(machines.there)
  })

  it.each(Object.entries(lies))('brings nothing, and its target is named: it %s', async (_, tell) => {
    await tell()
    const first = await machines.addFile('first', randomBytes(10))
    await machines.push([first])
    const { fetched, missing } = await machines.fetch([target, first])
    expect(fetched).toEqual([first])
    expect(missing.map(({ path }) => path)).toEqual(['model'])
    verifyCache(machines.there)
  })

  it.each(Object.entries(lies))('does not hide an honest one: it %s', async (_, tell) => {
    await tell()
    await lie([0, 0, 5], {}, 'f')
    expect((await machines.fetch([target])).missing).toEqual([])
    verifyCache(machines.there)
  })

  it('does not hide an honest one when it is no recipe at all', async () => {
    const { store } = machines
    await store.put(`recipes/f-${target.oid}/0000000000000000`, new Uint8Array(0))
    await store.put(`recipes/f-${target.oid}/1111111111111111`, randomBytes(500))
    expect((await machines.fetch([target])).missing).toEqual([
      { path: 'model', message: expect.stringContaining('damaged recipe') as string },
    ])
    await lie([0, 0, 5], {}, 'f')
    expect((await machines.fetch([target])).missing).toEqual([])
  })
})

describe('a directory whose recipe lies', () => {
  it('brings what it can prove, and names the rest', async () => {
    const { store } = machines
    const target = await machines.addDataset()
    await machines.push([target])
    const { key, recipe } = await recipeOf(target)
    const count = recipe.packs[0]!.chunks
    for (const runs of [
      [0, 1, count - 1, 0, 0, 1],
      [0, 0, count - 1],
      [0, 0, 1],
      [0, 0, count, 0, 0, count],
      Array.from({ length: count }, (_, i) => [0, count - 1 - i, 1]).flat(),
    ]) {
      const lying = { ...recipe, runs: Uint32Array.from(runs) }
      await store.delete([key])
      await store.put(key, encodeRecipe(lying))
      const cache = machines.another()
      const { fetched, missing } = await machines.fetch([target], store, cache)
      expect(fetched).toEqual([])
      expect(missing.length).toBeGreaterThan(0)
      verifyCache(cache)
    }
  })
})
