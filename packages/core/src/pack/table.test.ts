import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { sha256, toHex } from '../oid.ts'
import { ENTRY_BYTES, FOOTER_BYTES, PACK_MAX, packTailSize } from './layout.ts'
import { PackTableBuilder } from './table-builder.ts'
import { PackTable, parseFooter } from './table.ts'

interface Entry {
  id: Uint8Array
  raw: number
  stored: number
  scheme: number
  crc: number
}

const entry: fc.Arbitrary<Entry> = fc
  .record({
    id: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    raw: fc.nat(1 << 20),
    saved: fc.nat(1 << 20),
    scheme: fc.constantFrom(0, 1, 0x12, 0xff),
    crc: fc.nat(0xffff_ffff),
  })
  .map(({ id, raw, saved, scheme, crc }) => ({
    id,
    raw,
    stored: scheme === 0 ? raw : Math.max(0, raw - saved),
    scheme,
    crc,
  }))

function build(entries: readonly Entry[]): { tail: Buffer; size: number } {
  const builder = new PackTableBuilder()
  for (const { id, raw, stored, scheme, crc } of entries) builder.add(id, raw, stored, scheme, crc)
  const tail = builder.finish()
  return { tail, size: builder.storedBytes + tail.length }
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

/** hello, and a chunk stored by scheme 1: the example in docs/formats.md. */
const EXAMPLE = [
  '68656c6c6f0a',
  '4b4c4a4e4944c200',
  '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
  '06000000',
  '06000000',
  '20303a36',
  'b0163572cc863e1cef8db183b106a74850c499a58562f234b71412f9c316a85c',
  '10000000',
  '08000001',
  '9a563db3',
  '02000000',
  '90d579df',
  '01',
  '01',
  '0000',
  '4152545041434b31',
]

describe('pack table', () => {
  it('is, byte for byte, what docs/formats.md says', () => {
    const contents = EXAMPLE.slice(0, 2).map((hex) => Buffer.from(hex, 'hex'))
    const builder = new PackTableBuilder()
    builder.add(sha256(Buffer.from('hello\n')), 6, 6, 0, crc32(contents[0]!))
    builder.add(sha256(Buffer.from('abcd'.repeat(4))), 16, 8, 1, crc32(contents[1]!))
    expect(toHex(Buffer.concat([...contents, builder.finish()]))).toBe(EXAMPLE.join(''))
  })

  it('gives back what was added', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), fc.uint8Array({ maxLength: 10 }), (entries, before) => {
        const { tail, size } = build(entries)
        expect(tail.length).toBe(packTailSize(entries.length))
        const table = PackTable.parse(Buffer.concat([before, tail]), size)
        expect(table.count).toBe(entries.length)
        let offset = 0
        for (const [i, { id, raw, stored, scheme, crc }] of entries.entries()) {
          expect(Buffer.compare(table.id(i), id)).toBe(0)
          expect([table.rawLength(i), table.storedLength(i), table.scheme(i), table.crc(i)]).toEqual([
            raw,
            stored,
            scheme,
            crc,
          ])
          expect(table.offset(i)).toBe(offset)
          offset += stored
        }
        expect(table.offset(entries.length)).toBe(offset)
        expect(table.bytes.length).toBe(entries.length * ENTRY_BYTES)
      }),
    )
  })

  it('detects every flipped byte, every cut and a wrong size', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 8 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (entries, place, flip) => {
          const { tail, size } = build(entries)
          const damaged = Buffer.from(tail)
          damaged[place % tail.length]! ^= flip
          expect(['CORRUPT', 'UNSUPPORTED']).toContain(codeOf(() => PackTable.parse(damaged, size)))
          expect(codeOf(() => PackTable.parse(tail.subarray(0, place % tail.length), size))).toBe('CORRUPT')
          expect(codeOf(() => PackTable.parse(tail, size + 1))).toBe('CORRUPT')
          expect(codeOf(() => PackTable.parse(tail, size - 1))).toBe('CORRUPT')
        },
      ),
    )
  })

  it('refuses what a newer art wrote, and a footer that asks for more than a pack can be', () => {
    const { tail, size } = build([])
    const newer = Buffer.from(tail)
    newer[8] = 2
    expect(codeOf(() => PackTable.parse(newer, size))).toBe('UNSUPPORTED')
    const greedy = Buffer.from(tail)
    greedy.writeUInt32LE(0xffff_ffff)
    expect(codeOf(() => parseFooter(greedy))).toBe('CORRUPT')
    expect(codeOf(() => PackTable.parse(tail, PACK_MAX + 1))).toBe('CORRUPT')
    expect(codeOf(() => parseFooter(Buffer.alloc(FOOTER_BYTES - 1)))).toBe('CORRUPT')
  })

  it('refuses entries that cannot be, even under a right checksum', () => {
    const forged = (raw: number, word: number): string => {
      const { tail } = build([{ id: Buffer.alloc(32), raw: 10, stored: 5, scheme: 1, crc: 0 }])
      tail.writeUInt32LE(raw, 32)
      tail.writeUInt32LE(word >>> 0, 36)
      tail.writeUInt32LE(crc32(tail.subarray(0, ENTRY_BYTES)), ENTRY_BYTES + 4)
      return codeOf(() => PackTable.parse(tail, tail.length + (word & 0xff_ffff)))
    }
    expect(forged(10, (1 << 24) | 10)).toBe('none')
    expect(forged(10, (1 << 24) | 11)).toBe('CORRUPT')
    expect(forged(10, 9)).toBe('CORRUPT')
    expect(forged((1 << 20) + 1, (1 << 24) | 5)).toBe('CORRUPT')
  })

  it('is never built larger than a pack may be', () => {
    const builder = new PackTableBuilder()
    const id = Buffer.alloc(32)
    while (builder.fits(1 << 20)) builder.add(id, 1 << 20, 1 << 20, 0, 0)
    expect(builder.count).toBe(63)
    expect(codeOf(() => builder.add(id, 1 << 20, 1 << 20, 0, 0))).toBe('INTERNAL')
    expect(codeOf(() => builder.add(id, 4, 5, 1, 0))).toBe('INTERNAL')
  })
})
