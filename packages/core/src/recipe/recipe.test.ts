import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { sha256, toHex } from '../oid.ts'
import { decodeRecipe, encodeRecipe, type Recipe } from './recipe.ts'

const hex = (bytes: number): fc.Arbitrary<string> => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex)

const recipe: fc.Arbitrary<Recipe> = fc
  .record({
    kind: fc.constantFrom('f' as const, 'd' as const),
    oid: hex(32),
    size: fc.maxSafeNat(),
    packs: fc.array(
      fc.record({ name: hex(16), size: fc.nat(64 << 20), chunks: fc.integer({ min: 1, max: 0xffff_ffff }) }),
      { minLength: 1, maxLength: 20 },
    ),
    picks: fc.array(
      fc.tuple(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      { maxLength: 40 },
    ),
  })
  .map(({ picks, ...rest }) => {
    const runs = picks.flatMap(([pick, a, b]) => {
      const pack = pick % rest.packs.length
      const { chunks } = rest.packs[pack]!
      const first = Math.floor(a * (chunks - 1))
      return [pack, first, 1 + Math.floor(b * (chunks - first - 1))]
    })
    return { ...rest, runs: Uint32Array.from(runs) }
  })

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

/** With its checksum made right again. */
function forge(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  const body = Buffer.from(bytes.subarray(0, -32))
  change(body)
  return Buffer.concat([body, sha256(body)])
}

const example: Recipe = {
  kind: 'f',
  oid: '5b15a39c3973f43bd269e431249c48492f54a1a6d38d397c94161717facff8b4',
  size: 22,
  packs: [{ name: '000102030405060708090a0b0c0d0e0f', size: 122, chunks: 2 }],
  runs: Uint32Array.of(0, 0, 2),
}

/** The example in docs/formats.md. */
const EXAMPLE = [
  '4152545243503100',
  '01',
  '01',
  '66',
  '00',
  '5b15a39c3973f43bd269e431249c48492f54a1a6d38d397c94161717facff8b4',
  '1600000000000000',
  '01000000',
  '01000000',
  '000102030405060708090a0b0c0d0e0f',
  '7a000000',
  '02000000',
  '00',
  '00',
  '02',
  '8660b2e96ce4e7bb18cc39ea7fee72f5981b8ab379408dab04f1e6e64c444fa5',
]

describe('recipe', () => {
  it('is, byte for byte, what docs/formats.md says', () => {
    expect(toHex(encodeRecipe(example))).toBe(EXAMPLE.join(''))
    expect(decodeRecipe(Buffer.from(EXAMPLE.join(''), 'hex'))).toEqual(example)
  })

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(recipe, (given) => {
        expect(decodeRecipe(encodeRecipe(given))).toEqual(given)
      }),
    )
  })

  it('detects every flipped byte and every cut', () => {
    fc.assert(
      fc.property(recipe, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, flip) => {
        const bytes = encodeRecipe(given)
        const damaged = Buffer.from(bytes)
        damaged[place % bytes.length]! ^= flip
        expect(['CORRUPT', 'UNSUPPORTED']).toContain(codeOf(() => decodeRecipe(damaged)))
        expect(codeOf(() => decodeRecipe(bytes.subarray(0, place % bytes.length)))).toBe('CORRUPT')
        expect(codeOf(() => decodeRecipe(Buffer.concat([bytes, Buffer.from([0])])))).toBe('CORRUPT')
      }),
    )
  })

  it('refuses runs outside their pack and counts beyond its bytes, whoever made the checksum', () => {
    const bytes = encodeRecipe(example)
    const refused: ((body: Buffer) => void)[] = [
      (body) => (body[84] = 1),
      (body) => (body[85] = 1),
      (body) => (body[86] = 3),
      (body) => (body[86] = 0),
      (body) => (body[86] = 0x82),
      (body) => body.writeUInt32LE(0xffff_ffff, 52),
      (body) => body.writeUInt32LE(0xffff_ffff, 56),
      (body) => body.writeUInt32LE(0, 56),
      (body) => body.writeUInt32LE(0xffff_ffff, 48),
      (body) => body.writeUInt32LE(0xffff_ffff, 76),
      (body) => (body[10] = 0x78),
      (body) => (body[11] = 1),
    ]
    expect(codeOf(() => decodeRecipe(forge(bytes, () => {})))).toBe('none')
    for (const change of refused) expect(codeOf(() => decodeRecipe(forge(bytes, change)))).toBe('CORRUPT')
    expect(codeOf(() => decodeRecipe(forge(bytes, (body) => (body[8] = 2))))).toBe('UNSUPPORTED')
    expect(codeOf(() => encodeRecipe({ ...example, runs: Uint32Array.of(0, 1, 2) }))).toBe('INTERNAL')
  })

  it('is neither written nor read where it would take too much memory', () => {
    const [pack] = example.packs
    const scattered = { ...example, runs: new Uint32Array(6_000_000 * 3).map((_, i) => (i % 3 === 2 ? 1 : 0)) }
    expect(codeOf(() => encodeRecipe(scattered))).toBe('UNSUPPORTED')
    const packs = Array.from({ length: (1 << 18) + 1 }, () => pack!)
    expect(codeOf(() => encodeRecipe({ ...example, packs }))).toBe('UNSUPPORTED')
    const bytes = encodeRecipe({ ...example, packs: packs.slice(1) })
    expect(codeOf(() => decodeRecipe(bytes))).toBe('none')
    expect(codeOf(() => decodeRecipe(forge(bytes, (body) => body.writeUInt32LE((1 << 18) + 1, 52))))).toBe('CORRUPT')
    expect(codeOf(() => decodeRecipe(Buffer.concat([bytes, Buffer.alloc(16 << 20)])))).toBe('CORRUPT')
  })

  it('takes 2 kB for a first version of 5 GB', () => {
    const packs = Array.from({ length: 80 }, (_, i) => ({
      name: i.toString(16).padStart(32, '0'),
      size: 64 << 20,
      chunks: 950,
    }))
    const runs = Uint32Array.from(packs.flatMap((_, i) => [i, 0, 950]))
    expect(encodeRecipe({ ...example, size: 5e9, packs, runs }).length).toBeLessThan(2500)
  })
})
