import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { sha256, toHex } from '../oid.ts'
import { isDotGit, sortNames } from './names.ts'
import { decodeNode, encodeNode, type TreeEntry } from './node.ts'

const fileName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter(
    (text) => !/[/\0]/.test(text) && text !== '.' && text !== '..' && !isDotGit(text) && Buffer.byteLength(text) < 256,
  )

const entries: fc.Arbitrary<TreeEntry[]> = fc.uniqueArray(fileName, { maxLength: 30 }).chain((names) =>
  fc.tuple(
    ...sortNames(names).map((name) =>
      fc
        .record({
          kind: fc.constantFrom('f' as const, 'd' as const, 'l' as const),
          executable: fc.boolean(),
          size: fc.maxSafeNat(),
          oid: fc.uint8Array({ minLength: 32, maxLength: 32 }),
        })
        .map((entry) => ({ ...entry, name, executable: entry.executable && entry.kind === 'f' })),
    ),
  ),
)

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

function entryOf(name: string, more: Partial<TreeEntry> = {}): TreeEntry {
  return { name, kind: 'f', executable: false, size: 1, oid: sha256(Buffer.from('x')), ...more }
}

/** The example in docs/formats.md. */
const EXAMPLE = [
  '6172742d7472656520312073686132353620300a',
  '0500' +
    '622e747874' +
    '66' +
    '01' +
    '0600000000000000' +
    '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
  '0400' +
    '6c696e6b' +
    '6c' +
    '00' +
    '0500000000000000' +
    'ffa0da5d885fba09d903c782713b6b098c8cf21f56a3a35d9aa920613220d2e1',
  '0300' +
    '737562' +
    '64' +
    '00' +
    '0000000000000000' +
    '4cea4bf242822ca9cf5f6ad17dc6b7241641dd17e0a34108d618da652b62e92c',
]

describe('tree node', () => {
  it('is, byte for byte, what docs/formats.md says', () => {
    const empty = encodeNode(0, [])
    const bytes = encodeNode(0, [
      entryOf('b.txt', { executable: true, size: 6, oid: sha256(Buffer.from('hello\n')) }),
      entryOf('link', { kind: 'l', size: 5, oid: sha256(Buffer.from('b.txt')) }),
      entryOf('sub', { kind: 'd', size: 0, oid: sha256(empty) }),
    ])
    expect(toHex(empty)).toBe(EXAMPLE[0])
    expect(toHex(bytes)).toBe(EXAMPLE.join(''))
    expect(toHex(sha256(bytes))).toBe('a19c2464cc20912e480d3e5ebefdb8e41d69c846d8fbe9fcd7acb93f6ec8e392')
  })

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(entries, fc.nat(20), (given, offset) => {
        const bytes = Buffer.concat([Buffer.alloc(offset), encodeNode(0, given)]).subarray(offset)
        const { level, entries: found } = decodeNode(bytes)
        expect(level).toBe(0)
        expect(found.map((entry) => ({ ...entry, oid: toHex(entry.oid) }))).toEqual(
          given.map((entry) => ({ ...entry, oid: toHex(entry.oid) })),
        )
      }),
    )
  })

  it('has one form: damaged bytes are refused, or are the form of something else', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, flip) => {
        const bytes = encodeNode(0, given)
        const damaged = Buffer.from(bytes)
        damaged[place % bytes.length]! ^= flip
        const again = (): Buffer => {
          const { level, entries: others } = decodeNode(damaged)
          return encodeNode(level, others)
        }
        const found = codeOf(again)
        expect(['none', 'CORRUPT', 'UNSUPPORTED', 'PATH_UNSAFE', 'NAME_TOO_LONG']).toContain(found)
        expect(found === 'none' ? again() : damaged).toEqual(damaged)
      }),
    )
  })

  it('is refused where it is cut off inside an entry or longer than it says', () => {
    const bytes = encodeNode(0, [entryOf('a'), entryOf('b')])
    const lengths = Array.from({ length: bytes.length }, (_, length) => length)
    expect(lengths.filter((length) => codeOf(() => decodeNode(bytes.subarray(0, length))) === 'none')).toEqual([
      20,
      20 + 45,
    ])
    expect(codeOf(() => decodeNode(Buffer.concat([bytes, Buffer.alloc(1)])))).toBe('CORRUPT')
  })

  it('is refused with names out of order, twice, unsafe, or not UTF-8', () => {
    const rename = (to: [string, string], encoding: 'utf8' | 'latin1' = 'utf8'): string => {
      const bytes = encodeNode(0, [entryOf('a'.repeat(to[0].length)), entryOf('b'.repeat(to[1].length))])
      bytes.write(to[0], 22, encoding)
      bytes.write(to[1], 22 + to[0].length + 44, encoding)
      return codeOf(() => decodeNode(bytes))
    }
    expect(rename(['x', 'y'])).toBe('none')
    expect(rename(['y', 'x'])).toBe('CORRUPT')
    expect(rename(['x', 'x'])).toBe('CORRUPT')
    expect(rename(['x', 'é'], 'latin1')).toBe('CORRUPT')
    for (const unsafe of ['..', 'a/b', '.git', 'a\0', 'git~1']) expect(rename(['!', unsafe])).toBe('PATH_UNSAFE')
    expect(codeOf(() => encodeNode(0, [entryOf('b'), entryOf('a')]))).toBe('INTERNAL')
    expect(codeOf(() => encodeNode(0, [entryOf('.git', { kind: 'd' })]))).toBe('PATH_UNSAFE')
  })

  it('is refused with an unknown version, level, kind, mode or size', () => {
    const changed = (at: number, byte: number): string => {
      const bytes = encodeNode(0, [entryOf('a', { kind: 'd' })])
      bytes[at] = byte
      return codeOf(() => decodeNode(bytes))
    }
    expect(changed(9, 0x32)).toBe('UNSUPPORTED')
    expect(changed(18, 0x38)).toBe('UNSUPPORTED')
    expect(changed(18, 0x31)).toBe('CORRUPT')
    expect(changed(23, 0x78)).toBe('CORRUPT')
    expect(changed(23, 0x6e)).toBe('CORRUPT')
    expect(changed(24, 1)).toBe('CORRUPT')
    expect(changed(31, 0x20)).toBe('CORRUPT')
    expect(codeOf(() => decodeNode(Buffer.from('art-tree 1 sha256 1\n')))).toBe('CORRUPT')
    expect(codeOf(() => decodeNode(Buffer.alloc((64 << 10) + 1)))).toBe('CORRUPT')
  })
})
