import { isArtError } from '@art/core'
import { crc32 } from '@art/core/hash/crc32.ts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../source/bytes.ts'
import { countingSource } from '../source/counting.ts'
import { fileSource } from '../source/file.ts'
import { mutations } from '../temporary-mutations.ts'
import { makeZip, type TestMember, type TestZip } from './temporary-zip.ts'
import { auditZip, findMember, openMember, readZip, type Zip, type ZipAudit } from './zip.ts'

async function zipOf(bytes: Uint8Array): Promise<Zip> {
  const zip = await readZip(bytesSource('test.zip', bytes))
  if (zip === undefined) throw new Error('not a zip archive')
  return zip
}

async function contentOf(zip: Zip, name: string): Promise<string> {
  const source = await openMember(zip, findMember(zip, name)!)
  const bytes = Buffer.from(await source.read(0, source.size)).toString('latin1')
  await source.close()
  return bytes
}

async function auditOf(members: TestMember[], options?: TestZip): Promise<ZipAudit> {
  return auditZip(await zipOf(makeZip(members, options)))
}

const kindsOf = ({ lies }: ZipAudit): string[] => [...new Set(lies.map(({ kind }) => kind))].sort()

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const honest: TestMember[] = [
  { name: 'm/data.pkl', data: text('pickle') },
  { name: 'm/code.py', data: text('x = 1\n'.repeat(1_000)), deflate: true },
  { name: 'm/data/0', data: text('weights'), descriptor: true },
  { name: 'm/version', data: text('3\n'), zip64: true },
]

describe('a zip archive', () => {
  it.each([
    ['plain', {}],
    ['with zip64 records', { zip64: true }],
    ['with a comment', { comment: text('a comment of some length') }],
    ['with a comment of 64 KiB', { comment: Buffer.alloc(65_535, 'x') }],
  ])('is read, %s', async (_, options) => {
    const zip = await zipOf(makeZip(honest, options))
    expect(zip.members.map(({ name }) => name)).toEqual(honest.map(({ name }) => name))
    for (const { name, data } of honest) expect(await contentOf(zip, String(name))).toBe(text(String(data)).toString())
    expect(await auditZip(zip)).toMatchObject({ lies: [], hidden: [], gaps: [] })
  })

  it.each(['simple_cnn.pth', 'simple_cnn_finetuned.pth'])(
    'that torch wrote is read, and nothing found: %s',
    async (name) => {
      const source = countingSource(await fileSource(`test/data/${name}`))
      const zip = (await readZip(source))!
      expect(source.bytes).toBeLessThan(8_000)
      for (const member of zip.members) {
        const data = await openMember(zip, member)
        expect(crc32(await data.read(0, data.size)), member.name).toBe(member.crc)
      }
      expect(await auditZip(zip)).toMatchObject({ lies: [], hidden: [], gaps: [] })
      await source.close()
    },
  )

  it('is none without an end record', async () => {
    for (const bytes of ['', 'PK', 'no archive'.repeat(10_000)])
      expect(await readZip(bytesSource('x', text(bytes)))).toBeUndefined()
  })

  it('finds a member as torch does: the first, in upper or lower case', async () => {
    const zip = await zipOf(makeZip([{ name: 'm/DATA.pkl', data: text('first') }, ...honest]))
    expect(await contentOf(zip, 'm/data.pkl')).toBe('first')
    expect(findMember(zip, 'data.pkl')).toBeUndefined()
  })

  it('with bytes before it is read as Python reads it, and the bytes are named', async () => {
    const zip = await zipOf(makeZip(honest, { prefix: text('#!/bin/sh\n') }))
    expect(await contentOf(zip, 'm/data.pkl')).toBe('pickle')
    const audit = await auditZip(zip)
    expect(kindsOf(audit)).toEqual(['hidden', 'prefix'])
    expect(audit.gaps).toEqual([{ offset: 0, length: 10 }])
  })
})

describe('a deflated member', () => {
  it('costs little more than a stored one where it is small: there are archives of ten thousands', async () => {
    const cost = async (deflate: boolean): Promise<number> => {
      const zip = await zipOf(
        makeZip(Array.from({ length: 1_000 }, (_, i) => ({ name: `m/${i}`, data: text('x'), deflate }))),
      )
      const start = process.cpuUsage()
      for (const { name } of zip.members) await contentOf(zip, name)
      const { user, system } = process.cpuUsage(start)
      return user + system
    }
    await cost(true)
    // Five times with a thread and a stream for each.
    expect((await cost(true)) / (await cost(false))).toBeLessThan(3)
  })

  const data = Buffer.from(Array.from({ length: 500_000 }, (_, i) => (i * 31) >> 4))

  it('gives the bytes of any range, in any order', async () => {
    const zip = await zipOf(makeZip([{ name: 'x', data, deflate: true }]))
    const range = fc.tuple(fc.nat(data.length), fc.nat(100_000))
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 5 }), async (ranges) => {
        const source = await openMember(zip, zip.members[0]!)
        const wanted = ranges.map(([offset, most]) => [offset, Math.min(offset + most, data.length)] as const)
        const all = await Promise.all(wanted.map(([from, to]) => source.read(from, to - from)))
        for (const [i, [from, to]] of wanted.entries()) expect(Buffer.compare(all[i]!, data.subarray(from, to))).toBe(0)
        await source.close()
      }),
      { numRuns: 30 },
    )
  })

  it('never gives more than it says it has', async () => {
    const bomb = makeZip([{ name: 'x', data: Buffer.alloc(50 << 20), deflate: true, central: { size: 100 } }])
    const zip = await zipOf(bomb)
    const source = await openMember(zip, zip.members[0]!)
    expect(source.size).toBe(100)
    expect(await codeOf(() => source.read(0, 100))).toBe('CORRUPT')
  })

  it.each([
    ['ends early', { compressedSize: 1_000 }],
    ['is shorter than it says', { size: data.length + 1 }],
    ['is not deflated data', { offset: 0, compressedSize: 200 }],
  ])('that %s fails', async (_, central) => {
    const bytes = makeZip([
      { name: 'x', data: Buffer.alloc(300, 0xff) },
      { name: 'y', data, deflate: true, central },
    ])
    const zip = await zipOf(bytes)
    const source = await openMember(zip, zip.members[1]!)
    expect(await codeOf(() => source.read(0, source.size))).toBe('CORRUPT')
    expect(await codeOf(() => source.read(0, source.size))).toBe('CORRUPT')
  })

  it('does not work without end for a reader that jumps about', async () => {
    const zip = await zipOf(makeZip([{ name: 'x', data: Buffer.alloc(8 << 20), deflate: true }]))
    const source = await openMember(zip, zip.members[0]!)
    const jump = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) await source.read(i % 2 === 0 ? source.size - 1 : 0, 1)
    }
    expect(await codeOf(jump)).toBe('UNSUPPORTED')
  })
})

describe('an archive that lies', () => {
  it.each<[string, TestMember[], TestZip]>([
    ['a directory beyond the file', honest, { directoryOffset: 1 << 30 }],
    ['a directory of 4 GB', honest, { directoryBytes: 0xffff_fff0 }],
    ['2^32 members', honest, { zip64: true, count: 2 ** 32 }],
    ['a directory offset of 2^63', honest, { zip64: true, directoryOffset: 2 ** 63 }],
    ['more members than there are', honest, { count: 5 }],
    ['a member beyond the file', [{ name: 'x', data: text('x'), central: { offset: 1 << 30 } }], {}],
    ['a member longer than the file', [{ name: 'x', data: text('x'), central: { compressedSize: 1 << 20 } }], {}],
    ['a member of 2^63 bytes', [{ name: 'x', data: text('x'), zip64: true, central: { size: 2 ** 63 } }], {}],
  ])('with %s is not read', async (_, members, options) => {
    expect(await codeOf(() => zipOf(makeZip(members, options)))).toBe('CORRUPT')
  })

  it.each<[string, string, TestMember]>([
    ['without a local header', 'CORRUPT', { name: 'x', data: text('x'), central: { offset: 1 } }],
    ['stored with two sizes', 'CORRUPT', { name: 'x', data: text('xx'), central: { size: 3 } }],
    ['encrypted', 'UNSUPPORTED', { name: 'x', data: text('x'), central: { flags: 1 } }],
    ['of an unknown method', 'UNSUPPORTED', { name: 'x', data: text('x'), central: { method: 14 } }],
  ])('has members that cannot be opened: %s', async (_, code, member) => {
    const zip = await zipOf(makeZip([member]))
    expect(await codeOf(() => openMember(zip, zip.members[0]!))).toBe(code)
  })

  const one = { name: 'm/data.pkl', data: text('pickle') }
  it.each<[string, string[], TestMember[], TestZip]>([
    ['two members of one name', ['duplicate'], [one, one], {}],
    ['two names that torch takes for one', ['duplicate'], [one, { ...one, name: 'M/Data.PKL' }], {}],
    ['two names that Python takes for one', ['duplicate', 'name'], [one, { ...one, name: 'm/data.pkl\0.txt' }], {}],
    ['another name in the local header', ['local'], [{ ...one, local: { name: 'm/data.txt' } }], {}],
    ['another method', ['local'], [{ ...one, local: { method: 8 } }], {}],
    ['another size', ['local'], [{ ...one, local: { size: 5 } }], {}],
    ['no local header', ['hidden', 'local'], [{ ...one, central: { offset: 2 } }], {}],
    ['a name that leads out', ['name'], [{ ...one, name: '../../etc/passwd' }], {}],
    ['an absolute name', ['name'], [{ ...one, name: '/etc/passwd' }], {}],
    ['a name that is not UTF-8', ['name'], [{ ...one, name: Buffer.from([0xff, 0x61]) }], {}],
    [
      'members that share bytes',
      ['duplicate', 'overlap'],
      [one, { ...one, central: { offset: 0 }, hidden: false }],
      {},
    ],
    ['a member that is not listed', ['hidden'], [one, { ...one, name: 'evil', hidden: true }], {}],
    ['bytes between members', ['hidden'], [one, { ...one, name: 'x', gap: text('between') }], {}],
    ['more entries than are counted', ['count'], [one, { ...one, name: 'x' }], { count: 1 }],
    ['bytes behind the directory', ['count'], [one], { behindDirectory: text('behind') }],
    ['a comment longer than the file', ['end'], [one], { commentLength: 1_000 }],
    ['two end records', ['hidden'], [one], { comment: makeZip([one]) }],
  ])('is told of: %s', async (_, kinds, members, options) => {
    expect(kindsOf(await auditOf(members, options))).toEqual(expect.arrayContaining(kinds))
  })

  it('shows what it hides', async () => {
    const hidden = { name: 'evil', data: text('payload '.repeat(100)), deflate: true, hidden: true }
    for (const descriptor of [false, true]) {
      const zip = await zipOf(makeZip([one, { ...hidden, descriptor }, { ...one, name: 'x' }]))
      const { hidden: found } = await auditZip(zip)
      expect(found.map(({ name }) => name)).toEqual(['evil'])
      const source = await openMember(zip, found[0]!)
      expect(Buffer.from(await source.read(0, source.size)).toString()).toBe(hidden.data.toString())
    }
  })

  it('keeps names of different bytes apart', async () => {
    const names = [Buffer.from([0xe9]), Buffer.from('é'), Buffer.from([0xc3]), Buffer.from([0xc3, 0x28])]
    const zip = await zipOf(makeZip(names.map((name) => ({ name, data: text('') }))))
    expect(new Set(zip.members.map(({ name }) => name)).size).toBe(names.length)
    expect(kindsOf(await auditZip(zip))).toEqual(['name'])
  })

  it('is an error or a list, whichever byte is wrong', async () => {
    const bytes = makeZip(honest, { zip64: true, comment: text('comment') })
    const change = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(change, fc.nat(bytes.length), async (changes, end) => {
        const mutant = Buffer.from(bytes)
        for (const [at, byte] of changes) mutant[at] = byte
        const code = await codeOf(async () => {
          const zip = await readZip(bytesSource('x', mutant.subarray(0, end < 40 ? end : undefined)))
          if (zip === undefined) return
          await auditZip(zip)
          for (const member of zip.members) await (await openMember(zip, member)).read(0, member.size)
        })
        expect(['none', 'CORRUPT', 'UNSUPPORTED']).toContain(code)
      }),
      mutations(2_000),
    )
  })
})
