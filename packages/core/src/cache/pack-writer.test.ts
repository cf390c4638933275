import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtError } from '../error.ts'
import { sha256 } from '../oid.ts'
import { PackTable } from '../pack/table.ts'
import { damageInPacks } from '../temporary-damage.ts'
import { codeOf, failureOf } from '../temporary-workspace.ts'
import { type CacheLayout, cacheLayout, ensureCache, LARGE_FILE, packPath } from './layout.ts'
import { PackReader } from './pack-reader.ts'
import { PackSet } from './pack-set.ts'
import { PackWriter } from './pack-writer.ts'
import { seal } from './seal.ts'

let layout: CacheLayout
beforeEach(() => {
  layout = cacheLayout(mkdtempSync(join(tmpdir(), 'art-packs-')))
  ensureCache(layout)
})
afterEach(() => rmSync(layout.root, { recursive: true, force: true }))

function contentOf(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size, seed)
  if (size >= 4) bytes.writeUInt32LE(seed)
  return bytes
}

async function write(contents: readonly Buffer[], writer = new PackWriter(layout)): Promise<string[]> {
  for (const bytes of contents) writer.append(sha256(bytes), bytes)
  return await writer.finish()
}

/** Does one set give back every content, in the order given? */
function allRead(contents: readonly Buffer[]): boolean {
  const packs = PackSet.load(layout.packs)
  try {
    const reader = new PackReader(packs)
    return contents.every((bytes) => reader.read(sha256(bytes)).equals(bytes))
  } finally {
    packs.close()
  }
}

describe('packs of the cache', () => {
  it('give back what was put in, in any order, whatever the sizes', async () => {
    const sizes = fc.oneof(fc.nat(300), fc.constantFrom(0, 1, 65_536, LARGE_FILE - 1, LARGE_FILE))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(255), sizes), { maxLength: 12 }), fc.nat(), async (given, turn) => {
        rmSync(layout.packs, { recursive: true })
        ensureCache(layout)
        const contents = given.map(([seed, size]) => contentOf(seed, size))
        await write(contents, new PackWriter(layout, { bytes: 1 << 20, entries: 3 }))
        expect(allRead(contents)).toBe(true)
        expect(allRead(contents.toReversed())).toBe(true)
        expect(allRead([...contents.slice(turn % 7), ...contents.slice(0, turn % 7)])).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('are closed when they are full, by bytes or by number of contents', async () => {
    const contents = Array.from({ length: 25 }, (_, i) => contentOf(i, 100))
    const counts = (): number[] =>
      PackSet.load(layout.packs)
        .tables.map((table) => table.count)
        .toSorted((a, b) => b - a)
    expect(await write(contents, new PackWriter(layout, { bytes: 1 << 20, entries: 10 }))).toHaveLength(3)
    expect(counts()).toEqual([10, 10, 5])
    rmSync(layout.packs, { recursive: true })
    ensureCache(layout)
    expect(await write(contents, new PackWriter(layout, { bytes: 700, entries: 1000 }))).toHaveLength(4)
    expect(counts()).toEqual([7, 7, 7, 4])
  })

  it('appear only when they are complete', async () => {
    const writer = new PackWriter(layout, { bytes: 6 << 20, entries: 1000 })
    const contents = Array.from({ length: 7 }, (_, i) => contentOf(i, LARGE_FILE))
    for (const bytes of contents) writer.append(sha256(bytes), bytes)
    for (const file of readdirSync(layout.packs)) {
      PackTable.parse(readFileSync(join(layout.packs, file)), readFileSync(join(layout.packs, file)).length)
    }
    const names = await writer.finish()
    expect(readdirSync(layout.packs).toSorted()).toEqual(names.map((name) => `${name}.pack`).toSorted())
    expect(readdirSync(layout.temporary)).toEqual([])
    expect(allRead(contents)).toBe(true)
  })

  it('that are given up leave nothing behind, but complete ones', async () => {
    const writer = new PackWriter(layout, { bytes: 1 << 20, entries: 2 })
    for (let i = 0; i < 3; i++) writer.append(sha256(contentOf(i, 9)), contentOf(i, 9))
    await writer.abandon()
    expect(readdirSync(layout.temporary)).toEqual([])
    expect(PackSet.load(layout.packs).tables.map((table) => table.count)).toEqual([2])
    expect(await new PackWriter(layout).finish()).toEqual([])
  })

  it('may be more than files may be open', async () => {
    const contents = Array.from({ length: 150 }, (_, i) => contentOf(i, 10))
    await write(contents, new PackWriter(layout, { bytes: 1, entries: 1 }))
    expect(allRead([...contents, ...contents])).toBe(true)
  })

  it('know what they hold, and where', async () => {
    const [one, two] = [contentOf(1, 10), contentOf(2, 20)]
    const [name] = await write([one, two])
    const packs = PackSet.load(layout.packs)
    expect(packs.has(sha256(one))).toBe(true)
    expect(packs.has(sha256(contentOf(3, 1)))).toBe(false)
    expect(packs.find(sha256(two))).toEqual({ pack: 0, entry: 1 })
    expect(packs.pathOf(0)).toBe(packPath(layout, name!))
    expect(packs.numberOf(sha256(contentOf(3, 1)))).toBe(-1)
    expect(new PackSet(packs.state).find(sha256(two))).toEqual({ pack: 0, entry: 1 })
  })
})

describe('a damaged pack', () => {
  it('never gives wrong bytes: whatever byte was flipped, or wherever it was cut', async () => {
    const contents = Array.from({ length: 5 }, (_, i) => contentOf(i, 40 + i))
    const [name] = await write(contents)
    const path = packPath(layout, name!)
    const whole = readFileSync(path)
    rmSync(path)
    const check = (bytes: Buffer, silently: boolean): void => {
      rmSync(path.replace('.pack', '.damaged'), { force: true })
      writeFileSync(path, bytes)
      if (silently) seal(path)
      const damaged: ArtError[] = []
      const packs = PackSet.load(layout.packs, (_, error) => damaged.push(error))
      const reader = new PackReader(packs)
      for (const content of contents) {
        try {
          expect(reader.read(sha256(content)).equals(content)).toBe(true)
        } catch (error) {
          expect(['CORRUPT', 'NOT_CACHED']).toContain((error as ArtError).code)
          damaged.push(error as ArtError)
        }
      }
      packs.close()
      expect(damaged.length).toBeGreaterThan(0)
    }
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, silently) => {
        const bytes = Buffer.from(whole)
        bytes[at]! ^= flip
        check(bytes, silently)
      }),
    )
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.boolean(), (length, silently) =>
        check(whole.subarray(0, length), silently),
      ),
    )
  })

  it('does not keep the others from being read', async () => {
    const content = contentOf(1, 100)
    await write([content])
    writeFileSync(packPath(layout, 'broken'), 'not a pack')
    const damaged: string[] = []
    expect(PackSet.load(layout.packs, (path) => damaged.push(path)).has(sha256(content))).toBe(true)
    expect(damaged).toEqual([packPath(layout, 'broken')])
    expect(allRead([content])).toBe(true)
  })

  it('is named, with what to do', async () => {
    const content = contentOf(1, 100)
    const [name] = await write([content])
    damageInPacks(layout, content)
    const reader = new PackReader(PackSet.load(layout.packs))
    expect(await failureOf(() => reader.read(sha256(content)))).toMatchObject({
      code: 'CORRUPT',
      path: packPath(layout, name!),
    })
  })

  it('or one that has gone since is as good as absent', async () => {
    const content = contentOf(1, 100)
    const [name] = await write([content])
    const reader = new PackReader(PackSet.load(layout.packs))
    rmSync(packPath(layout, name!))
    expect(await codeOf(() => reader.read(sha256(content)))).toBe('NOT_CACHED')
    expect(await codeOf(() => new PackReader(PackSet.load(layout.packs)).read(sha256(content)))).toBe('NOT_CACHED')
    expect(PackSet.load(join(layout.root, 'nowhere')).tables).toEqual([])
  })
})

it('a writer that has failed says so again, and removes what it began', async () => {
  const writer = new PackWriter(layout)
  writer.append(sha256(contentOf(1, 9)), contentOf(1, 9))
  rmSync(layout.packs, { recursive: true })
  expect(await failureOf(() => writer.finish())).toMatchObject({ code: 'NOT_FOUND', path: layout.packs })
  expect(existsSync(layout.packs)).toBe(false)
  expect(readdirSync(layout.temporary)).toEqual([])
  ensureCache(layout)
  expect(await codeOf(() => writer.append(sha256(contentOf(2, 9)), contentOf(2, 9)))).toBe('NOT_FOUND')
  expect(await codeOf(() => writer.finish())).toBe('NOT_FOUND')
})
