import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelFile } from '../../model-file.ts'
import type { OpenBeside } from '../../source.ts'
import { besideFolder } from '../../source/beside.ts'
import { bytesSource } from '../../source/bytes.ts'
import { countingSource } from '../../source/counting.ts'
import { codeOf, expectTensors, factOf, factsOf, withModel } from '../temporary-facts.ts'
import { readOnnx } from './onnx.ts'

interface Facts {
  metadata: Record<string, unknown>
  producer: { name: string; version: string }
  inputs: object[]
  outputs: object[]
  operators: Record<string, number>
  nodes: number
}

const varint = (value: number | bigint): Buffer => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}
const int = (field: number, value: number | bigint): Buffer => Buffer.concat([varint(field * 8), varint(value)])
const message = (field: number, ...parts: (Buffer | string)[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)))
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content])
}
const model = (...graph: Buffer[]): Buffer => Buffer.concat([int(1, 8), message(7, ...graph)])
const entry = (field: number, key: string, value: string): Buffer => message(field, message(1, key), message(2, value))
const external = (location: string, ...more: Buffer[]): Buffer =>
  model(message(5, int(1, 4), int(2, 1), message(8, 'w'), entry(13, 'location', location), ...more, int(14, 1)))

const read = (bytes: Buffer, openBeside?: OpenBeside): Promise<ModelFile> =>
  readOnnx(bytesSource('x.onnx', bytes), openBeside)

describe('ONNX', () => {
  it.each(factsOf<Facts>('onnx'))('%s is what the library says', async (file, facts) => {
    await withModel(`onnx/${file}`, async (onnx) => {
      expect(onnx.format).toBe('onnx')
      expect(onnx.metadata).toEqual(new Map([...onnx.metadata, ...Object.entries(facts.metadata)]))
      expect(onnx.producer?.name ?? '').toBe(facts.producer.name)
      expect(onnx.producer?.version ?? '').toBe(facts.producer.version)
      expect(onnx.graph?.inputs).toEqual(facts.inputs)
      expect(onnx.graph?.outputs).toEqual(facts.outputs)
      expect(onnx.graph?.nodes).toBe(facts.nodes)
      expect([...onnx.graph!.operators]).toEqual(Object.entries(facts.operators))
      expect(onnx.warnings).toEqual([])
      await expectTensors(onnx, facts.tensors, 'onnx', file)
    })
  })

  it('is read without its data', async () => {
    const weights = message(9, Buffer.alloc(4_000_000))
    const file = model(
      message(5, int(1, 1_000_000), int(2, 1), message(8, 'w'), weights),
      message(1, message(4, 'Add')),
    )
    const source = countingSource(bytesSource('x', file))
    const onnx = await readOnnx(source)
    expect(source.bytes).toBeLessThan(10_000)
    expect(onnx.graph?.nodes).toBe(1)
    expect(onnx.tensors[0]).toMatchObject({ name: 'w', bytes: 4_000_000 })
  })

  it('whose data are in a file that is not here has a table, and a warning', async () => {
    for (const beside of [undefined, async () => undefined]) {
      const { tensors, warnings } = await read(external('weights.bin'), beside)
      expect(tensors[0]).toMatchObject({ name: 'w', shape: [4], bytes: 16, storage: undefined })
      expect(warnings).toEqual([expect.stringContaining('weights.bin')])
    }
  })

  it.each(['../../etc/passwd', '/etc/passwd', 'a/../../b', 'C:\\windows', '..\\x', '', 'a\0b'])(
    'never opens %s',
    async (location) => {
      const beside = async () => {
        throw new Error('opened')
      }
      expect(await codeOf(() => read(external(location), beside))).toBe('PATH_UNSAFE')
      expect(await codeOf(() => read(external(location)))).toBe('PATH_UNSAFE')
    },
  )

  it('never reads through a link, nor beyond a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'art-onnx-'))
    mkdirSync(join(folder, 'model'))
    writeFileSync(join(folder, 'secret'), Buffer.alloc(16))
    writeFileSync(join(folder, 'model', 'short'), Buffer.alloc(15))
    symlinkSync('../secret', join(folder, 'model', 'link'))
    symlinkSync('..', join(folder, 'model', 'up'))
    const beside = besideFolder(join(folder, 'model'))
    expect(await codeOf(() => read(external('link'), beside))).toBe('PATH_UNSAFE')
    expect(await codeOf(() => read(external('up/secret'), beside))).toBe('PATH_UNSAFE')
    expect(await codeOf(() => read(external('short'), beside))).toBe('CORRUPT')
    for (const [key, value] of [
      ['offset', '-1'],
      ['offset', '1e3'],
      ['offset', '9'.repeat(30)],
      ['length', '17'],
    ] as const) {
      expect(await codeOf(() => read(external('short', entry(13, key, value)), beside)), value).toBe('CORRUPT')
    }
    rmSync(folder, { recursive: true })
  })

  const tensor = (...parts: Buffer[]): Buffer => model(message(5, message(8, 'w'), ...parts))
  it.each([
    ['a shape that overflows', tensor(int(1, 2 ** 32), int(1, 2 ** 32), int(2, 1))],
    ['a negative size', tensor(int(1, -1), int(2, 1))],
    ['a size of 2^64 - 1', tensor(int(1, 2n ** 64n - 1n), int(2, 1))],
    ['ten thousand dimensions', tensor(message(1, Buffer.alloc(10_000, 1)), int(2, 1))],
    ['too few raw bytes', tensor(int(1, 2), int(2, 1), message(9, Buffer.alloc(7)))],
    ['no elements', tensor(int(1, 2), int(2, 1))],
    ['too few floats', tensor(int(1, 2), int(2, 1), message(4, Buffer.alloc(4)))],
    ['too few integers', tensor(int(1, 2), int(2, 7), message(7, Buffer.alloc(1)))],
    ['too many integers', tensor(int(1, 2), int(2, 7), message(7, Buffer.alloc(21)))],
    ['a petabyte of integers', tensor(int(1, 2 ** 50), int(2, 6), message(5, Buffer.alloc(9)))],
    ['too few strings', tensor(int(1, 2), int(2, 8), message(6, 'a'))],
    ['a field that runs out', Buffer.concat([int(1, 8), varint(7 * 8 + 2), varint(100)])],
    ['a length of 2^64 - 1', Buffer.concat([int(1, 8), varint(7 * 8 + 2), varint(2n ** 64n - 1n)])],
    ['a varint of eleven bytes', Buffer.concat([int(1, 8), Buffer.alloc(11, 0xff)])],
    ['field number 0', Buffer.concat([int(1, 8), Buffer.from([0, 0])])],
    ['a group', Buffer.concat([int(1, 8), Buffer.from([7 * 8 + 3])])],
  ])('with %s is refused', async (_, bytes) => {
    expect(await codeOf(() => read(bytes))).toBe('CORRUPT')
  })

  it('with numbers that are cut off, or too many of them, fails when they are read', async () => {
    const cut = tensor(int(1, 2), int(2, 7), message(7, Buffer.from([1, 0x80, 0x80])))
    const many = tensor(int(1, 2), int(2, 7), message(7, Buffer.from([1, 2, 3])))
    for (const bytes of [cut, many]) {
      const { tensors } = await read(bytes)
      expect(await codeOf(() => factOf(tensors[0]!))).toBe('CORRUPT')
    }
  })

  it('of graphs 100,000 deep is refused', async () => {
    let depth = message(1, message(4, 'If'))
    for (let i = 0; i < 101; i++) depth = message(1, message(5, message(6, depth)))
    expect(await codeOf(() => read(model(depth)))).toBe('CORRUPT')
    const parts: Buffer[] = []
    let length = 0
    for (let i = 0; i < 100_000; i++) {
      const head = Buffer.concat([varint([1, 5, 6][(99_999 - i) % 3]! * 8 + 2), varint(length)])
      length += head.length
      parts.push(head)
    }
    expect(await codeOf(() => read(model(Buffer.concat(parts.reverse()))))).toBe('CORRUPT')
  })

  it('of more tensors than any model has is refused', async () => {
    const tensors = Buffer.concat(Array.from({ length: 250_001 }, () => message(5, message(8, 'w'))))
    expect(await codeOf(() => read(model(tensors)))).toBe('CORRUPT')
  })

  it('shares the storage of tensors that lie at one place of another file', async () => {
    const one = (name: string, offset: string): Buffer => {
      const keys = [entry(13, 'location', 'weights'), entry(13, 'offset', offset), int(14, 1)]
      return message(5, int(1, 4), int(2, 1), message(8, name), ...keys)
    }
    const beside = async () => bytesSource('weights', Buffer.alloc(32))
    const { tensors } = await read(model(one('a', '0'), one('b', '0'), one('c', '16')), beside)
    expect(tensors[0]!.storage).toBe(tensors[1]!.storage)
    expect(tensors[0]!.storage).not.toBe(tensors[2]!.storage)
  })

  it('takes the fields of two graphs together, as protobuf merges them', async () => {
    const two = Buffer.concat([model(message(1, message(4, 'Add'))), message(7, message(1, message(4, 'Mul')))])
    expect((await read(two)).graph?.nodes).toBe(2)
  })
})
