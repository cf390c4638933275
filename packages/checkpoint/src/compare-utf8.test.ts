import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareUtf8 } from './compare-utf8.ts'

it('orders texts as their bytes are ordered', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '漢', '\uffff', '\ue000', '😀', '𝔸'), maxLength: 4 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 2000 },
  )
})
