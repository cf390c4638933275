import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPieces } from './json.ts'

describe('a JSON document in pieces', () => {
  it('is what JSON.stringify makes of it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: undefined })), (document) => {
        expect([...jsonPieces(document)].join('')).toBe(JSON.stringify(document, undefined, 2))
      }),
    )
  })

  it('is so where a list is long, and then no piece is', () => {
    const items = Array.from({ length: 2500 }, (_, i) => ({ name: `a\n${i}`, shape: [i, 2], rest: {} }))
    const document = { before: 1, items, after: [] }
    const pieces = [...jsonPieces(document)]
    expect(pieces.join('')).toBe(JSON.stringify(document, undefined, 2))
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(120_000)
  })
})
