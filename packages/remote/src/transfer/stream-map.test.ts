import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { StreamMap } from './stream-map.ts'

/** A stream of chunks of these sizes, cut into runs of these lengths. */
function mapOf(sizes: readonly number[], cuts: readonly number[]): StreamMap {
  const runs: number[] = []
  for (let at = 0, i = 0; at < sizes.length; i++) {
    const count = Math.min(sizes.length - at, cuts[i % cuts.length]!)
    runs.push(i, 0, count)
    at += count
  }
  const size = sizes.reduce((sum, one) => sum + one, 0)
  const recipe = { kind: 'f' as const, oid: '', size, packs: [], runs: Uint32Array.from(runs) }
  return new StreamMap({ recipe, rawLength: (i) => sizes[i]! })
}

it('any range of a stream is in the chunks that hold it, asked for in any order', () => {
  const sizes = fc.array(fc.oneof(fc.constant(0), fc.nat(50)), { minLength: 1, maxLength: 60 })
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
  const ranges = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 })
  fc.assert(
    fc.property(sizes, cuts, ranges, (given, runs, wanted) => {
      const map = mapOf(given, runs)
      const owner = given.flatMap((size, chunk) => Array.from({ length: size }, () => chunk))
      for (const [from, span] of wanted) {
        const offset = owner.length === 0 ? 0 : from % owner.length
        const length = owner.length === 0 ? 0 : span % (owner.length - offset + 1)
        const found = [...map.within(offset, length)]
        const bytes = found.flatMap(({ chunk, start, length: size }) =>
          Array.from({ length: size }, (_, i) => [start + i, chunk] as const),
        )
        const inside = bytes.filter(([place]) => place >= offset && place < offset + length)
        expect(inside.map(([, chunk]) => chunk)).toEqual(owner.slice(offset, offset + length))
        // Of chunks with bytes, none that holds nothing of the range.
        for (const { start, length: size } of found)
          expect(size === 0 || (start < offset + length && start + size > offset)).toBe(true)
      }
    }),
  )
})
