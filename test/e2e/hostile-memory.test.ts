import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { sha256, toHex } from '@art/core'
import { cacheLayout, ensureCache } from '@art/core/cache/layout.ts'
import { PackWriter } from '@art/core/cache/pack-writer.ts'
import { PackTableBuilder } from '@art/core/pack/table.ts'
import { encodeRecipe, type RecipePack } from '@art/core/recipe/recipe.ts'
import { encodeNode, type TreeEntry } from '@art/core/tree/node.ts'
import { encodeDescriptor } from '@art/remote/layout/descriptor.ts'
import { newRecipeKey, packKey } from '@art/remote/layout/keys.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { oneRepository, place, work } from './fresh.ts'
import { measured as peakOf } from './peak.ts'

const MOST_MB = 512

let remote: string

oneRepository()
beforeAll(async () => {
  remote = place.path('remote')
  put('art-remote.json', encodeDescriptor())
  await work.ok('remote', 'add', '-d', 'store', remote)
})

function put(key: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(remote, key)), { recursive: true })
  writeFileSync(join(remote, key), bytes)
}

function point(name: string, oid: string, { size = 0, files }: { size?: number; files?: number }): void {
  const kind = files === undefined ? '' : 'kind: directory\n'
  const rest = files === undefined ? '' : `files: ${files}\n`
  work.write(`${name}.art`, `art: 1\npath: ${name}\n${kind}oid: sha256:${oid}\nsize: ${size}\n${rest}`)
}

const measured = (...args: string[]): ReturnType<typeof peakOf> => peakOf(place, work, ...args)

async function cacheNodes(nodes: readonly Buffer[]): Promise<void> {
  const layout = cacheLayout(work.path('.art/cache'))
  ensureCache(layout)
  const writer = new PackWriter(layout)
  for (const node of nodes) writer.append(sha256(node), node)
  await writer.finish()
}

const folderOf = (names: readonly string[], oid: Uint8Array): Buffer =>
  encodeNode(
    0,
    names.map((name): TreeEntry => ({ name, kind: 'd', executable: false, size: 0, oid })),
  )

/** Nodes of a tree that doubles on each of so many levels, the leaf first. */
function bomb(leaf: Buffer, levels: number, names = ['a', 'b']): Buffer[] {
  const nodes = [leaf]
  for (let i = 0; i < levels; i++) nodes.push(folderOf(names, sha256(nodes[i]!)))
  return nodes
}

const FILES = encodeNode(
  0,
  Array.from({ length: 512 }, (_, i): TreeEntry => {
    return { name: String(i).padStart(4, '0'), kind: 'f', executable: false, size: 0, oid: sha256(Buffer.alloc(0)) }
  }),
)

describe('a tree of few nodes that stands for very many entries is refused, and takes little memory', () => {
  test.each([
    ['a million folders', bomb(encodeNode(0, []), 20)],
    [
      'folders with names of 255 bytes',
      bomb(
        encodeNode(0, []),
        20,
        ['a', 'b'].map((name) => name.repeat(255)),
      ),
    ],
    ['four million files', bomb(FILES, 13)],
  ])('%s', async (_, nodes) => {
    await cacheNodes(nodes)
    point('bomb', toHex(sha256(nodes.at(-1)!)), { files: 20_000_000 })
    mkdirSync(work.path('bomb'), { recursive: true })
    work.write('bomb/mine', 'mine')
    for (const args of [['status'], ['checkout', '--force'], ['push']]) {
      const { codes, megabytes } = await measured(...args)
      expect([args, codes]).toEqual([args, ['CORRUPT']])
      expect(megabytes, args.join(' ')).toBeLessThan(MOST_MB)
    }
    expect(readFileSync(work.path('bomb/mine'), 'utf8')).toBe('mine')
    rmSync(work.path('bomb'), { recursive: true })
    rmSync(work.path('bomb.art'))
  })
})

test.each([
  ['folders', bomb(encodeNode(0, []), 17)],
  ['files', bomb(FILES, 9)],
])('a tree of many %s that is just allowed takes little memory, too', async (_, nodes) => {
  await cacheNodes(nodes)
  point('large', toHex(sha256(nodes.at(-1)!)), { files: 20_000_000 })
  mkdirSync(work.path('large'), { recursive: true })
  work.write('large/mine', 'mine')
  const { codes, megabytes } = await measured('status')
  expect(codes).toEqual([])
  expect(megabytes).toBeLessThan(MOST_MB)
  rmSync(work.path('large'), { recursive: true })
  rmSync(work.path('large.art'))
})

/** A pack of one chunk, named so often that few bytes of recipe make a stream without end. */
function packOf(chunk: Buffer, count: number): RecipePack {
  const deflated = deflateRawSync(chunk)
  const [stored, scheme] = deflated.length < chunk.length ? [deflated, 1] : [chunk, 0]
  const [id, crc] = [sha256(chunk), crc32(stored)]
  const table = new PackTableBuilder()
  for (let i = 0; i < count; i++) table.add(id, chunk.length, stored.length, scheme, crc)
  const bytes = Buffer.concat([Buffer.concat(Array<Buffer>(count).fill(stored)), table.finish()])
  const name = randomBytes(16).toString('hex')
  put(packKey(name), bytes)
  return { name, size: bytes.length, chunks: count }
}

describe('recipes of few bytes that stand for very many chunks', () => {
  test('take little memory, however many come at once', async () => {
    const chunk = Buffer.alloc(8192)
    const count = 65_536
    const pack = packOf(chunk, count)
    const runs = 255
    for (let i = 0; i < 24; i++) {
      const oid = toHex(randomBytes(32))
      const size = runs * count * chunk.length
      const recipe = { kind: 'd' as const, oid, size, packs: [pack], runs: triples(runs, () => [0, 0, count]) }
      put(newRecipeKey('d', oid), encodeRecipe(recipe))
      point(`d${i}`, oid, { size, files: 20_000_000 })
    }
    const { codes, megabytes } = await measured('fetch')
    expect(codes).toEqual(['MISSING_OBJECTS'])
    expect(megabytes).toBeLessThan(MOST_MB)
    for (let i = 0; i < 24; i++) rmSync(work.path(`d${i}.art`))
  })

  test('and large ones take no more, one after the other', async () => {
    const pack = packOf(Buffer.alloc(8192), 2)
    const runs = 5_000_000
    for (let i = 0; i < 2; i++) {
      const oid = toHex(randomBytes(32))
      const recipe = {
        kind: 'd' as const,
        oid,
        size: runs * 8192,
        packs: [pack],
        runs: triples(runs, (n) => [0, n & 1, 1]),
      }
      put(newRecipeKey('d', oid), encodeRecipe(recipe))
      point(`d${i}`, oid, { files: 20_000_000 })
    }
    for (const args of [['fetch'], ['status', '-c']]) {
      const { megabytes } = await measured(...args)
      expect(megabytes, args.join(' ')).toBeLessThan(MOST_MB)
    }
    for (let i = 0; i < 2; i++) rmSync(work.path(`d${i}.art`))
  })
})

test('a model of a remote whose header lies in millions of chunks of one byte is read in little memory', async () => {
  const start = Buffer.from('12345678{')
  start.writeBigUInt64LE(8_000_000n)
  const packs = [packOf(start, 1), packOf(Buffer.from(' '), 65_536), packOf(Buffer.alloc(1 << 20), 4096)]
  const runs = triples(148, (i) => (i === 0 ? [0, 0, 1] : i <= 130 ? [1, 0, 65_536] : [2, 0, 4096]))
  const size = start.length + 130 * 65_536 + 17 * 4096 * (1 << 20)
  const oid = toHex(randomBytes(32))
  put(newRecipeKey('f', oid), encodeRecipe({ kind: 'f', oid, size, packs, runs }))
  point('m.safetensors', oid, { size })
  const { codes, megabytes } = await measured('export', 'm.safetensors', '--to', 'safetensors', '-o', 'x')
  expect(codes).toEqual(['CORRUPT'])
  expect(megabytes).toBeLessThan(MOST_MB)
  rmSync(work.path('m.safetensors.art'))
})

test('a tree on a remote that repeats itself is refused while its nodes are read, and they are asked for once', async () => {
  const nodes = bomb(encodeNode(0, []), 18)
  const table = new PackTableBuilder()
  for (const node of nodes) table.add(sha256(node), node.length, node.length, 0, crc32(node))
  const bytes = Buffer.concat([...nodes, table.finish()])
  const pack = { name: randomBytes(16).toString('hex'), size: bytes.length, chunks: nodes.length }
  put(packKey(pack.name), bytes)
  const order: number[] = []
  const visit = (level: number): void => {
    order.push(level)
    if (level > 0) for (let i = 0; i < 2; i++) visit(level - 1)
  }
  visit(18)
  const size = order.reduce((sum, level) => sum + nodes[level]!.length, 0)
  const oid = toHex(sha256(nodes[18]!))
  const runs = triples(order.length, (i) => [0, order[i]!, 1])
  put(newRecipeKey('d', oid), encodeRecipe({ kind: 'd', oid, size, packs: [pack], runs }))
  rmSync(work.path('.art/cache'), { recursive: true, force: true })
  point('far', oid, { files: 20_000_000 })
  const { codes, megabytes } = await measured('fetch')
  expect(codes).toEqual(['MISSING_OBJECTS'])
  expect(megabytes).toBeLessThan(MOST_MB)
})

function triples(count: number, run: (i: number) => [number, number, number]): Uint32Array {
  const runs = new Uint32Array(count * 3)
  for (let i = 0; i < count; i++) runs.set(run(i), i * 3)
  return runs
}
