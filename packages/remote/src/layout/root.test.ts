import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { newRootKey } from './keys.ts'
import { encodeLines } from './lines.ts'
import { decodeRoot, encodeRoot, type Root } from './root.ts'

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))

const roots: fc.Arbitrary<Root> = fc.record({
  commits: fc.array(fc.oneof(hex(40), hex(64)), { maxLength: 5 }),
  needs: fc.array(fc.record({ kind: fc.constantFrom('f', 'd'), oid: hex(64) }), { maxLength: 20 }),
  includes: fc.array(
    fc.tuple(hex(32), hex(16)).map(([repo, site]) => newRootKey(repo, site)),
    { maxLength: 3 },
  ),
})

/** docs/formats.md, section Roots. */
const EXAMPLE = `art-root 1 sha256
commit 8a5e0a2b9c1d4f6e7a8b9c0d1e2f3a4b5c6d7e8f
need f 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
need d a19c2464cc20912e480d3e5ebefdb8e41d69c846d8fbe9fcd7acb93f6ec8e392
include roots/000102030405060708090a0b0c0d0e0f/1c27a4a3eb1b1ef7/0011223344556677
end 732fe7b076656ac2e25c404115e488c29762da001c6b29d1c32ca718876dd333
`

it('is written and read as formats.md says', () => {
  const root: Root = {
    commits: ['8a5e0a2b9c1d4f6e7a8b9c0d1e2f3a4b5c6d7e8f'],
    needs: [
      { kind: 'f', oid: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03' },
      { kind: 'd', oid: 'a19c2464cc20912e480d3e5ebefdb8e41d69c846d8fbe9fcd7acb93f6ec8e392' },
    ],
    includes: ['roots/000102030405060708090a0b0c0d0e0f/1c27a4a3eb1b1ef7/0011223344556677'],
  }
  expect(encodeRoot(root).toString()).toBe(EXAMPLE)
  expect(decodeRoot(Buffer.from(EXAMPLE), 'key')).toEqual(root)
})

it('comes back as it was', () => {
  fc.assert(
    fc.property(roots, (root) => {
      expect(decodeRoot(encodeRoot(root), 'key')).toEqual(root)
    }),
  )
})

it('is refused when it is cut off or altered anywhere', () => {
  fc.assert(
    fc.property(roots, fc.nat(), (root, n) => {
      const bytes = encodeRoot(root)
      const at = n % bytes.length
      expect(() => decodeRoot(bytes.subarray(0, at), 'key')).toThrow(
        expect.objectContaining({ code: 'REMOTE_DAMAGED' }),
      )
      bytes[at]! ^= 1 << (n % 7)
      expect(() => decodeRoot(bytes, 'key')).toThrow(expect.objectContaining({ code: 'REMOTE_DAMAGED' }))
    }),
  )
})

it.each([
  'wants f 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
  'need x 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
  'need f 5891B5B522D5DF086D0FF0B110FBD9D21BB4FC7163AF34D08286A2E846F6BE03',
  'commit 8a5e0a2b',
  'include roots/../../packs/0011223344556677',
  'include packs/000102030405060708090a0b0c0d0e0f',
  '',
])('no gc acts on a root with a line that it does not understand: %j', (line) => {
  expect(() => decodeRoot(encodeLines('art-root 1 sha256', [line]), 'roots/x')).toThrow(
    expect.objectContaining({ code: 'REMOTE_DAMAGED', path: 'roots/x' }),
  )
})
