import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../oid.ts'
import { CHUNK_MAX, CHUNK_MIN, CHUNK_TARGET, findCuts } from './chunker.ts'

/** The same bytes on every machine. */
function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(Math.ceil(length / 32) * 32)
  for (let at = 0; at < bytes.length; at += 32) bytes.set(sha256(Buffer.from(`${seed}-${at}`)), at)
  return bytes.subarray(0, length)
}

/** Feeds the bytes piece by piece, as a reader of a file does. */
function cutPiecewise(data: Uint8Array, pieces: readonly number[]): number[] {
  const cuts: number[] = []
  let done = 0
  let end = 0
  for (let i = 0; end < data.length; i++) {
    end = Math.min(data.length, end + pieces[i % pieces.length]!)
    const found = findCuts(data.subarray(done, end), end === data.length)
    for (const cut of found) cuts.push(done + cut)
    done += found.at(-1) ?? 0
  }
  return cuts
}

describe('chunker', () => {
  const data = noise(4 << 20)
  const cuts = findCuts(data, true)

  it('cuts between the bounds, about at the target, to the last byte', () => {
    const sizes = cuts.map((cut, i) => cut - (cuts[i - 1] ?? 0))
    expect(cuts.at(-1)).toBe(data.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(CHUNK_MAX)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(CHUNK_MIN)
    expect(data.length / cuts.length).toBeGreaterThan(CHUNK_TARGET / 2)
    expect(data.length / cuts.length).toBeLessThan(CHUNK_TARGET * 1.5)
  })

  it('cuts where it always did, so that remotes stay useful', () => {
    expect(cuts.slice(0, 6)).toMatchInlineSnapshot(`
      [
        131072,
        262144,
        288884,
        310538,
        384367,
        459377,
      ]
    `)
  })

  it('cuts at the same places however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 8 }), (pieces) => {
        fc.pre(Math.max(...pieces) > 1000)
        expect(cutPiecewise(data.subarray(0, 1 << 20), pieces)).toEqual(findCuts(data.subarray(0, 1 << 20), true))
      }),
      { numRuns: 30 },
    )
  })

  it('finds the old cuts again behind an insertion', () => {
    const changed = Buffer.concat([noise(37, 2), data])
    const found = new Set(findCuts(changed, true).map((cut) => cut - 37))
    expect(cuts.filter((cut) => !found.has(cut)).length).toBeLessThan(5)
  })

  it('cuts constant bytes at the upper bound, and leaves nothing to an empty buffer', () => {
    expect(findCuts(Buffer.alloc(CHUNK_MAX * 2 + 5), true)).toEqual([CHUNK_MAX, CHUNK_MAX * 2, CHUNK_MAX * 2 + 5])
    expect(findCuts(Buffer.alloc(CHUNK_MAX * 2 + 5), false)).toEqual([CHUNK_MAX, CHUNK_MAX * 2])
    expect(findCuts(Buffer.alloc(0), true)).toEqual([])
  })
})
