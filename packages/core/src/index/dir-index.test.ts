import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { sortNames } from '../tree/names.ts'
import { decodeIndex, type DirIndex, sectionAt } from './dir-index.ts'
import { encodeIndex, indexSize } from './encode.ts'
import { RECORD_BYTES, Records } from './record.ts'
import type { Section } from './section.ts'

const oid = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0))
const tree = fc.record({ oid, size: fc.maxSafeNat(), files: fc.maxSafeNat() })
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[/\0]/.test(text))

const section: fc.Arbitrary<Section> = fc
  .tuple(fc.uniqueArray(name, { maxLength: 12 }), fc.option(tree, { nil: undefined }), fc.infiniteStream(fc.nat(255)))
  .map(([names, known, bytes]) => {
    const sorted = sortNames(names)
    const records = Records.allocate(sorted.length)
    for (let at = 0; at < records.bytes.length; at++) records.bytes[at] = bytes.next().value
    for (const [i, one] of sorted.entries()) records.setNameLength(i, Buffer.byteLength(one))
    return { path: '', names: sorted, records, ...(known && { tree: known }) }
  })

const index: fc.Arbitrary<DirIndex> = fc
  .record({
    root: oid,
    files: fc.maxSafeNat(),
    bytes: fc.maxSafeNat(),
    sections: fc.array(section, { maxLength: 5 }),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  })
  .map((given) => ({
    ...given,
    sections: given.sections.map((one, i) => ({ ...one, path: i === 0 ? '' : `d${i}/é` })),
  }))

function encoded(given: DirIndex): Buffer {
  const pieces: Buffer[] = []
  for (const piece of encodeIndex(given)) pieces.push(Buffer.from(piece))
  const bytes = Buffer.concat(pieces)
  expect(bytes.length).toBe(indexSize(given))
  return bytes
}

function share(bytes: Buffer): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  return buffer
}

function plain({ root, files, bytes, sections, seed }: DirIndex): unknown {
  const one = ({ path, names, records, tree: known }: Section): unknown => ({
    path,
    names,
    records: Buffer.from(records.bytes).toString('hex'),
    tree: known && { ...known, oid: Buffer.from(known.oid).toString('hex') },
  })
  return { root: Buffer.from(root).toString('hex'), files, bytes, sections: sections.map(one), seed }
}

/** The example in docs/formats.md. */
const EXAMPLE = [
  '4152544944583100 02000000 01000000 000000000000f03f 0000000000001840',
  '565209fdc60f3eb02a0f6e5cbb6dc1a52eddf15d20c0bf7803db549a63487adc',
  'efcdab8967452301',
  '00000000 01000000 05000000 00000000 0000000000001840 000000000000f03f',
  '565209fdc60f3eb02a0f6e5cbb6dc1a52eddf15d20c0bf7803db549a63487adc',
  '622e747874 000000',
  '0000000000001840 0001a0eb03947842 0001a0eb03947842 0000000000002840',
  '5ddaa0ff 14000000',
  '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
  '0000000000000000 05000000 00000000',
  'ecba3331 00000000',
]

describe('a stat index', () => {
  it('is, byte for byte, what docs/formats.md says', () => {
    const records = Records.allocate(1)
    const bytes = new Float64Array(records.bytes.buffer, 0, 4)
    bytes.set([6, 1_689_000_000_000.0625, 1_689_000_000_000.0625, 12])
    records.setNameHash(0, 0xffa0_da5d)
    records.setFlags(0, 4 | 16)
    records.setOid(0, Buffer.from('5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03', 'hex'))
    records.setNameLength(0, 5)
    const root = Buffer.from('565209fdc60f3eb02a0f6e5cbb6dc1a52eddf15d20c0bf7803db549a63487adc', 'hex')
    const only = { path: '', names: ['b.txt'], records, tree: { oid: root, size: 6, files: 1 } }
    const given = encoded({ root, files: 1, bytes: 6, sections: [only], seed: 0x0123_4567_89ab_cdefn })
    expect(given.toString('hex')).toBe(EXAMPLE.join('').replaceAll(' ', ''))
    expect(RECORD_BYTES).toBe(88)
  })

  it('gives back what was written, also one section at a time', () => {
    fc.assert(
      fc.property(index, fc.nat(), (given, id) => {
        const buffer = share(encoded(given))
        const found = decodeIndex(buffer)
        expect(plain(found)).toEqual(plain(given))
        for (const { at, path, names } of found.sections.toReversed()) {
          expect(sectionAt(buffer, at, `${id}-${path}`)).toMatchObject({ path, names })
        }
      }),
    )
  })

  it('of many folders, or of a folder of very many files, comes in few pieces', () => {
    const empty = (path: string): Section => ({ path, names: [], records: Records.allocate(0) })
    const wide: Section = {
      path: 'wide',
      names: Array.from({ length: 20_000 }, (_, i) => `f${i}`),
      records: Records.allocate(20_000),
    }
    for (const [i, one] of wide.names.entries()) wide.records.setNameLength(i, one.length)
    const sections = [empty(''), wide, ...Array.from({ length: 20_000 }, (_, i) => empty(`d${i}`))]
    const given = { root: new Uint8Array(32), files: 20_000, bytes: 0, sections, seed: 5n }
    expect([...encodeIndex(given)].length).toBeLessThan(20)
    const found = decodeIndex(share(encoded(given)))
    expect(found.sections.length).toBe(20_002)
    expect(found.sections[1]!.names).toEqual(wide.names)
  })

  it('is refused when it is cut off, or any byte of it differs', () => {
    const codeOf = (bytes: Buffer): string => {
      try {
        decodeIndex(share(bytes))
      } catch (error) {
        if (isArtError(error)) return error.code
        throw error
      }
      return 'none'
    }
    fc.assert(
      fc.property(index, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, flip) => {
        const bytes = encoded(given)
        expect(codeOf(bytes)).toBe('none')
        expect(codeOf(bytes.subarray(0, place % bytes.length))).toBe('CORRUPT')
        expect(codeOf(Buffer.concat([bytes, Buffer.alloc(8)]))).toBe('CORRUPT')
        // The last four bytes are spare.
        bytes[place % (bytes.length - 4)]! ^= flip
        expect(codeOf(bytes)).toBe('CORRUPT')
      }),
    )
  })
})
