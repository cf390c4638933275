import { crc32 as crc32OfZlib } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32 } from './crc32.ts'

it('is what zlib says, in one go and in parts, on both sides of the size where zlib takes over', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (one, two) => {
      expect(crc32(two, crc32(one))).toBe(crc32OfZlib(Buffer.concat([one, two])))
    }),
  )
  const large = Buffer.alloc(4097, 7)
  expect(crc32(large)).toBe(crc32OfZlib(large))
  expect(crc32(large.subarray(1))).toBe(crc32OfZlib(large.subarray(1)))
})
