import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeBlock, ShareCounter } from './shares.ts'

const GROUPS = fc.array(fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 7 }))), { minLength: 1, maxLength: 6 })

test('unique is what goes if one group goes alone, and nothing counts twice', () => {
  fc.assert(
    fc.property(GROUPS, (groups) => {
      const size = (block: number, unit: number): number => 1 + block * 100 + unit
      const blocks = [0, 1, 2].map((block) => makeBlock(8, (unit) => size(block, unit)))
      const counter = new ShareCounter(groups.length)
      for (const [group, used] of groups.entries())
        for (const [block, unit] of used) counter.use(group, blocks[block]!, unit)
      const bytesOf = (some: typeof groups): number => {
        const distinct = new Map(some.flat().map(([block, unit]) => [`${block} ${unit}`, size(block, unit)]))
        return [...distinct.values()].reduce((sum, bytes) => sum + bytes, 0)
      }
      expect(counter.stored).toBe(bytesOf(groups))
      for (const [group, used] of groups.entries()) {
        const { unique, shared } = counter.shareOf(group)
        expect(unique).toBe(bytesOf(groups) - bytesOf(groups.filter((_, other) => other !== group)))
        expect(unique + shared).toBe(bytesOf([used]))
      }
    }),
  )
})
