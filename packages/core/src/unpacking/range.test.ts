import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CacheLayout, cacheLayout, ensureCache } from '../cache/layout.ts'
import { PackReader } from '../cache/pack-reader.ts'
import { PackSet } from '../cache/pack-set.ts'
import { encodeChunk } from '../codec/codec.ts'
import { sha256 } from '../oid.ts'
import { PackTable, PackTableBuilder } from '../pack/table.ts'
import { codeOf } from '../temporary-workspace.ts'
import { decodeStretch } from './decode.ts'
import { beginUnpacking, endUnpacking, type RangeInput, unpackRange } from './range.ts'
import { copySeeds } from './seeds.ts'

const session = 'range-test'
let layout: CacheLayout
beforeEach(() => {
  layout = cacheLayout(mkdtempSync(join(tmpdir(), 'art-range-')))
  ensureCache(layout)
  beginUnpacking({ session, layout })
})
afterEach(async () => {
  await endUnpacking({ session, abandon: true })
  rmSync(layout.root, { recursive: true, force: true })
})

/** Chunks as they lie in a pack of a remote. */
function stretch(chunks: readonly Buffer[], compress: boolean): { bytes: Buffer; table: Uint8Array } {
  const builder = new PackTableBuilder()
  const stored = chunks.map((raw) => {
    const { scheme, bytes } = compress ? encodeChunk(raw) : { scheme: 0, bytes: raw }
    builder.add(sha256(raw), raw.length, bytes.length, scheme, crc32(bytes))
    return Buffer.from(bytes)
  })
  const bytes = Buffer.concat(stored)
  const tail = builder.finish()
  return { bytes, table: Uint8Array.from(PackTable.parse(tail, bytes.length + tail.length).bytes) }
}

function range(chunks: readonly Buffer[], more: Partial<RangeInput> = {}, compress = false): RangeInput {
  const none = { contents: new Uint8Array(chunks.length), joined: [], pieces: [] }
  return { session, ...stretch(chunks, compress), ...none, ...more }
}

const text = Buffer.from('text text text text text text text text')
const chunks = [text, Buffer.alloc(1000, 1), Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(70_000, 'xyz')]

async function contentsOf(): Promise<(content: Buffer) => boolean> {
  await endUnpacking({ session, abandon: false })
  const reader = new PackReader(PackSet.load(layout.packs))
  return (content) => reader.read(sha256(content)).equals(content)
}

describe('a stretch of a pack', () => {
  it.each([false, true])('gives single contents to the cache; compressed: %s', async (compress) => {
    const { raw } = unpackRange(range(chunks, { contents: Uint8Array.from([1, 0, 1, 1, 1]) }, compress))
    expect(raw).toBe(text.length + 2 + 70_000)
    const has = await contentsOf()
    expect([text, chunks[2]!, chunks[3]!, chunks[4]!].every(has)).toBe(true)
    expect(await codeOf(() => has(chunks[1]!))).toBe('NOT_CACHED')
  })

  it('joins neighbouring chunks to one content, and writes others into large files', async () => {
    const path = join(layout.root, 'large')
    writeFileSync(path, '')
    truncateSync(path, 80_000)
    const whole = Buffer.concat(chunks.slice(0, 3))
    unpackRange(
      range(chunks, {
        joined: [{ id: sha256(whole), size: whole.length, first: 0, count: 3 }],
        pieces: [
          { path, offset: 5000, first: 4, count: 1 },
          { path, offset: 10, first: 1, count: 2 },
        ],
      }),
    )
    const file = readFileSync(path)
    expect(file.subarray(10, 1012).equals(Buffer.concat(chunks.slice(1, 3)))).toBe(true)
    expect(file.subarray(5000, 75_000).equals(chunks[4]!)).toBe(true)
    expect((await contentsOf())(whole)).toBe(true)
  })

  it('is refused where chunks do not add up to what they should be', async () => {
    const joined = (size: number, id: Buffer): RangeInput['joined'] => [{ id, size, first: 0, count: 2 }]
    const whole = Buffer.concat(chunks.slice(0, 2))
    const unpack =
      (given: RangeInput['joined']): (() => unknown) =>
      () =>
        unpackRange(range(chunks, { joined: given }))
    expect(await codeOf(unpack(joined(whole.length, sha256(text))))).toBe('CORRUPT')
    expect(await codeOf(unpack(joined(whole.length + 1, sha256(whole))))).toBe('CORRUPT')
    const short = range(chunks)
    expect(await codeOf(() => unpackRange({ ...short, bytes: short.bytes.subarray(1) }))).toBe('CORRUPT')
  })

  it('that was damaged on its way is refused', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 }), (compress, place, flip) => {
        const given = range(chunks, { contents: Uint8Array.from([1, 1, 1, 1, 1]) }, compress)
        const target = place % 2 === 0 ? given.bytes : given.table
        target[(place >> 1) % target.length]! ^= flip
        expect(() => unpackRange(given)).toThrow(/damaged|did not arrive|shorter than|too large|unknown|bytes/)
      }),
    )
  })

  it('gives its memory back where it is worth it', () => {
    const large = [Buffer.alloc(1 << 20, 1)]
    const input = range(large)
    const bytes = new Uint8Array(new ArrayBuffer(1 << 20))
    bytes.set(input.bytes)
    expect(unpackRange({ ...input, bytes }).transfer).toEqual([bytes.buffer])
    expect(unpackRange(range(chunks)).transfer).toEqual([])
  })

  it('that is given up leaves nothing in the cache', async () => {
    unpackRange(range(chunks, { contents: Uint8Array.from([1, 1, 1, 1, 1]) }))
    expect(await endUnpacking({ session, abandon: true })).toEqual([])
    expect([...readdirSync(layout.packs), ...readdirSync(layout.temporary)]).toEqual([])
  })
})

describe('chunks of a stretch that are wanted in memory', () => {
  const wanted = Uint8Array.from([1, 0, 0, 1, 1])

  it.each([false, true])('come one after another, without the others; compressed: %s', (compress) => {
    const { raw, transfer } = decodeStretch({ ...stretch(chunks, compress), wanted })
    expect(Buffer.from(raw).equals(Buffer.concat([text, chunks[3]!, chunks[4]!]))).toBe(true)
    expect(transfer).toEqual([raw.buffer])
  })

  it('are refused where one is not what its id says', () => {
    const one = stretch(chunks, false)
    one.table[4 * 44 + 3]! ^= 1
    expect(() => decodeStretch({ ...one, wanted: Uint8Array.from([1, 1, 1, 1, 0]) })).not.toThrow()
    expect(() => decodeStretch({ ...one, wanted })).toThrow('did not arrive')
  })

  it('are refused whatever was damaged', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 }), (compress, place, flip) => {
        const given = stretch(chunks, compress)
        const target = place % 2 === 0 ? given.bytes : given.table
        target[(place >> 1) % target.length]! ^= flip
        expect(() => decodeStretch({ ...given, wanted: new Uint8Array(5).fill(1) })).toThrow(
          /damaged|did not arrive|shorter than|too large|unknown|bytes/,
        )
      }),
    )
  })
})

it('runs of older files are copied to where they belong in a new one', () => {
  const [one, two, target] = ['one', 'two', 'target'].map((name) => join(layout.root, name)) as [string, string, string]
  const bytes = Buffer.alloc(5 << 20)
  for (let i = 0; i < bytes.length; i++) bytes[i] = i * 7 + (i >> 8)
  writeFileSync(one, bytes)
  writeFileSync(two, 'short')
  writeFileSync(target, '')
  truncateSync(target, bytes.length + 10)
  const { raw } = copySeeds({
    path: target,
    copies: [
      { from: one, fromOffset: 3, length: bytes.length - 3, offset: 13 },
      { from: two, fromOffset: 1, length: 3, offset: 0 },
      { from: two, fromOffset: 4, length: 9, offset: 5 },
    ],
  })
  expect(raw).toBe(bytes.length - 3 + 3 + 9)
  const file = readFileSync(target)
  expect(file.subarray(0, 3).toString()).toBe('hor')
  // The seed was shorter than it should be: the file's own hash finds that.
  expect(file.subarray(5, 6).toString()).toBe('t')
  expect(createHash('sha256').update(file.subarray(13)).digest('hex')).toBe(
    createHash('sha256').update(bytes.subarray(3)).digest('hex'),
  )
})
