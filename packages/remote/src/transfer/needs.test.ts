import { PackTable, PackTableBuilder } from '@art/core/pack/table.ts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Needs, type PackNeed, type Stretch, stretches } from './needs.ts'

const GAP = 256 << 10
const WASTE = 1.25

function need(lengths: readonly number[]): PackNeed {
  const builder = new PackTableBuilder()
  for (const length of lengths) builder.add(new Uint8Array(32), length, length, 0, 0)
  const size = lengths.reduce((sum, length) => sum + length, 0)
  const tail = builder.finish()
  const pack = { name: '00'.repeat(16), size: size + tail.length, chunks: lengths.length }
  return new Needs(() => PackTable.parse(tail, pack.size)).of(pack)
}

function wanting(lengths: readonly number[], wanted: readonly number[]): PackNeed {
  const one = need(lengths)
  for (const i of wanted) one.contents[i] = 1
  return one
}

describe('what is wanted of a pack is read with few requests', () => {
  const kilobytes = (...sizes: number[]): number[] => sizes.map((size) => size << 10)

  it('one where all of it is wanted', () => {
    expect(stretches(wanting(kilobytes(64, 64, 64), [0, 1, 2]))).toEqual([{ first: 0, end: 3 }])
  })

  it('none where nothing is', () => {
    expect(stretches(wanting(kilobytes(64, 64), []))).toEqual([])
  })

  it('a small gap is read over', () => {
    expect(stretches(wanting(kilobytes(100, 20, 100), [0, 2]))).toEqual([{ first: 0, end: 3 }])
  })

  it('a gap that would waste a quarter of what is needed is not', () => {
    expect(stretches(wanting(kilobytes(100, 60, 100), [0, 2]))).toEqual([
      { first: 0, end: 1 },
      { first: 2, end: 3 },
    ])
  })

  it('nor is one of more than 256 KiB, however much is needed around it', () => {
    const many = Array.from({ length: 40 }, () => 128 << 10)
    const lengths = [...many, 1 << 17, 1 << 17, 1024, ...many]
    const wanted = lengths.flatMap((_, i) => (i < 40 || i > 42 ? [i] : []))
    expect(stretches(wanting(lengths, wanted))).toEqual([
      { first: 0, end: 40 },
      { first: 43, end: 83 },
    ])
  })
})

interface Case {
  lengths: number[]
  contents: number[]
  joined: { first: number; count: number }[]
  pieces: { first: number; count: number }[]
}

const cases: fc.Arbitrary<Case> = fc
  .array(fc.integer({ min: 0, max: 128 << 10 }), { minLength: 1, maxLength: 60 })
  .chain((lengths) => {
    const run = fc.tuple(fc.nat(lengths.length - 1), fc.integer({ min: 1, max: 8 })).map(([first, count]) => ({
      first,
      count: Math.min(count, lengths.length - first),
    }))
    return fc.record({
      lengths: fc.constant(lengths),
      contents: fc.array(fc.nat(lengths.length - 1), { maxLength: 10 }),
      joined: fc.array(run, { maxLength: 3 }),
      pieces: fc.array(run, { maxLength: 3 }),
    })
  })

const file = { oid: '', size: 0, path: '', temporary: '', recipe: '' }

function planned({ lengths, contents, joined, pieces }: Case): {
  need: PackNeed
  wanted: Set<number>
  found: Stretch[]
} {
  const one = wanting(lengths, contents)
  one.joined = joined.map((run) => ({ id: new Uint8Array(32), size: 0, path: '', recipe: '', ...run }))
  one.pieces = pieces.map((run) => ({ file, offset: 0, ...run }))
  const wanted = new Set(contents)
  for (const { first, count } of [...joined, ...pieces]) for (let i = first; i < first + count; i++) wanted.add(i)
  return { need: one, wanted, found: stretches(one) }
}

describe('whatever is wanted', () => {
  it('all of it is read, once and in order', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { wanted, found } = planned(one)
        const read = found.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i))
        expect(read).toEqual([...new Set(read)].sort((a, b) => a - b))
        for (const i of wanted) expect(read).toContain(i)
        for (const { first, end } of found) expect(wanted.has(first) && wanted.has(end - 1)).toBe(true)
      }),
    )
  })

  it('neighbours come with one request, so that nothing that belongs together is cut', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { wanted, found } = planned(one)
        for (const { end } of found) expect(wanted.has(end - 1) && wanted.has(end)).toBe(false)
      }),
    )
  })

  it('no more than a quarter is read in vain, and no gap of more than 256 KiB', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const {
          need: { table },
          wanted,
          found,
        } = planned(one)
        for (const { first, end } of found) {
          let needed = 0
          let gap = 0
          for (let i = first; i < end; i++) {
            if (wanted.has(i)) needed += table.storedLength(i)
            gap = wanted.has(i) ? 0 : gap + table.storedLength(i)
            expect(gap).toBeLessThanOrEqual(GAP)
          }
          expect(table.offset(end) - table.offset(first)).toBeLessThanOrEqual(WASTE * needed)
        }
      }),
    )
  })
})

it('what several targets want of a pack is gathered in one place, packs in the order of their first use', () => {
  const { table, pack } = need([10, 10])
  const needs = new Needs(() => table)
  const other = { ...pack, name: '11'.repeat(16) }
  const first = needs.of(pack)
  needs.of(other)
  expect(needs.of(pack)).toBe(first)
  expect(needs.packs.map((one) => one.pack)).toEqual([pack, other])
})

it('so many pieces are gathered, and no more: then they are fetched, and one target that needs a million is refused', () => {
  const { table, pack } = need([10, 10])
  const needs = new Needs(() => table)
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) needs.addPiece(pack, { file, offset: 0, first: 0, count: 1 })
  }
  add(99_999)
  expect(needs.isFull).toBe(false)
  needs.addJoined(pack, { id: new Uint8Array(32), size: 20, first: 0, count: 2, path: '', recipe: '' })
  expect(needs.isFull).toBe(true)
  expect(() => add(1_000_000)).toThrow('more pieces')
})
