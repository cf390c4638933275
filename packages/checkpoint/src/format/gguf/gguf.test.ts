import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../source/bytes.ts'
import { countingSource } from '../../source/counting.ts'
import { fileSource } from '../../source/file.ts'
import { codeOf, expectTensors, factsOf, MODELS, plainOf, withModel } from '../temporary-facts.ts'
import { readGguf } from './gguf.ts'

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])

interface Given {
  keys?: Buffer[]
  tensors?: Buffer[]
  keyCount?: number | bigint
  tensorCount?: number | bigint
  data?: number
}

function fileOf({ keys = [], tensors = [], keyCount, tensorCount, data = 64 }: Given): Buffer {
  const counts = [u64(tensorCount ?? tensors.length), u64(keyCount ?? keys.length)]
  const header = Buffer.concat([Buffer.from('GGUF'), u32(3), ...counts, ...keys, ...tensors])
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), Buffer.alloc(data)])
}

function tensor(name: string, dims: (number | bigint)[], type = 0, offset: number | bigint = 0): Buffer {
  return Buffer.concat([text(name), u32(dims.length), ...dims.map(u64), u32(type), u64(offset)])
}

const read = (given: Given | Buffer) => readGguf(bytesSource('x.gguf', Buffer.isBuffer(given) ? given : fileOf(given)))

describe('GGUF', () => {
  it.each(factsOf<{ metadata: Record<string, unknown> }>('gguf'))(
    '%s is what the library says',
    async (file, facts) => {
      await withModel(`gguf/${file}`, async (model) => {
        expect(model.format).toBe('gguf')
        const { 'GGUF.version': version, ...metadata } = Object.fromEntries(
          [...model.metadata].filter(([key]) => key !== '__proto__').map(([key, value]) => [key, plainOf(value)]),
        )
        expect(version).toBe(file === 'version-2.gguf' ? 2 : 3)
        const { ['__proto__']: own, ...rest } = facts.metadata
        expect(metadata).toEqual(rest)
        expect(model.metadata.get('__proto__')).toBe(Object.hasOwn(facts.metadata, '__proto__') ? own : undefined)
        expect(model.warnings).toEqual([])
        expect(model.tensors.map(({ name }) => name)).toEqual(facts.tensors.map(({ name }) => name))
        await expectTensors(model, facts.tensors, 'gguf', file)
      })
    },
  )

  it('of version 1, or of a later one, says so', async () => {
    const source = await fileSource(`${MODELS}/gguf/version-1.gguf`)
    await expect(readGguf(source)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('version 1'),
    })
    await source.close()
    expect(await codeOf(() => read(Buffer.concat([Buffer.from('GGUF'), u32(4), Buffer.alloc(64)])))).toBe('UNSUPPORTED')
  })

  it('is read without its data', async () => {
    const source = countingSource(bytesSource('x', fileOf({ tensors: [tensor('a', [1_000_000])], data: 4_000_000 })))
    await readGguf(source)
    expect(source.bytes).toBeLessThan(2_000)
  })

  it('of an unknown type has a table, and no data', async () => {
    const { tensors, warnings } = await read({ tensors: [tensor('a', [4, 3], 99)] })
    expect(tensors[0]).toMatchObject({ dtype: 'ggml_type_99', shape: [3, 4], storage: undefined })
    expect(warnings).toHaveLength(1)
  })

  const array = (type: number, length: number | bigint, ...items: Buffer[]): Buffer =>
    Buffer.concat([text('k'), u32(9), u32(type), u64(length), ...items])
  const nested = (depth: number): Buffer =>
    Buffer.concat([text('k'), u32(9), ...Array.from({ length: depth }, () => Buffer.concat([u32(9), u64(1)]))])

  it.each<[string, Given]>([
    ['2^64 - 1 keys', { keyCount: 2n ** 64n - 1n }],
    ['2^64 - 1 tensors', { tensorCount: 2n ** 64n - 1n }],
    ['a million tensors that are not there', { tensorCount: 1_000_000 }],
    ['a key of 2^63 bytes', { keys: [u64(2n ** 63n)] }],
    ['a key of 2^40 bytes', { keys: [u64(2n ** 40n)] }],
    ['an array of 2^64 - 1', { keys: [array(8, 2n ** 64n - 1n)] }],
    ['an array of 2^32 bytes', { keys: [array(0, 2 ** 32)] }],
    ['arrays 100,000 deep', { keys: [nested(100_000)] }],
    ['an unknown value type', { keys: [Buffer.concat([text('k'), u32(13)])] }],
    ['a key twice', { keys: [array(0, 0), array(0, 0)] }],
    ['a name twice', { tensors: [tensor('a', [1]), tensor('a', [1], 0, 32)] }],
    ['a shape that overflows', { tensors: [tensor('a', [2n ** 32n, 2n ** 32n])] }],
    ['a size of 2^64 - 1', { tensors: [tensor('a', [2n ** 64n - 1n])] }],
    ['2^32 - 1 dimensions', { tensors: [Buffer.concat([text('a'), u32(0xffff_ffff)])] }],
    ['rows that are no whole blocks', { tensors: [tensor('a', [33], 2)] }],
    ['data beyond the file', { tensors: [tensor('a', [1], 0, 64)] }],
    ['an offset of 2^63', { tensors: [tensor('a', [1], 0, 2n ** 63n)] }],
    ['data that are not aligned', { tensors: [tensor('a', [1], 0, 4)] }],
    ['data that overlap', { tensors: [tensor('a', [16]), tensor('b', [1], 0, 32)] }],
    ['an alignment of 0', { keys: [Buffer.concat([text('general.alignment'), u32(4), u32(0)])] }],
    ['an alignment of 3', { keys: [Buffer.concat([text('general.alignment'), u32(4), u32(3)])] }],
  ])('with %s is refused', async (_, given) => {
    expect(await codeOf(() => read(given))).toBe('CORRUPT')
  })
})
