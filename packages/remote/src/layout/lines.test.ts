import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeLines, encodeLines } from './lines.ts'

const HEADING = 'art-example 1'
const line = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 80,
})
const lines = fc.array(line, { maxLength: 20 })

it('any lines come back as they were', () => {
  fc.assert(
    fc.property(lines, (list) => {
      expect(decodeLines(encodeLines(HEADING, list), HEADING, 'key')).toEqual(list)
    }),
  )
})

describe('damage is found, whatever the object says', () => {
  const damaged = expect.objectContaining({ code: 'REMOTE_DAMAGED', path: 'key', hint: expect.any(String) as string })
  const decoding = (bytes: Uint8Array) => () => decodeLines(bytes, HEADING, 'key')

  it('when it is cut off anywhere', () => {
    const bytes = encodeLines(HEADING, ['one', 'two'])
    for (let length = 0; length < bytes.length; length++) expect(decoding(bytes.subarray(0, length))).toThrow(damaged)
    fc.assert(
      fc.property(lines, fc.nat(), (list, at) => {
        const whole = encodeLines(HEADING, list)
        expect(decoding(whole.subarray(0, at % whole.length))).toThrow(damaged)
      }),
    )
  })

  it('when one bit of it is another', () => {
    const bytes = encodeLines(HEADING, ['one', 'two'])
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(decoding(flipped)).toThrow(damaged)
    }
  })

  it('when something follows or goes before it', () => {
    const bytes = encodeLines(HEADING, ['one'])
    const newline = Buffer.from('\n')
    for (const parts of [
      [bytes, newline],
      [newline, bytes],
      [bytes, bytes],
    ]) {
      expect(decoding(Buffer.concat(parts))).toThrow(damaged)
    }
  })

  it('when it is anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decoding(bytes)).toThrow(damaged)
      }),
    )
  })
})

it('a newer version is told from damage', () => {
  expect(() => decodeLines(encodeLines('art-example 2', ['one']), HEADING, 'key')).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', path: 'key' }),
  )
})
