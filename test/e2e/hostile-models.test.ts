import { call, global, integer, opcodes, pickle, text, tupleOf } from '@art/checkpoint/pickle/temporary-pickle.ts'
import { makeZip } from '@art/checkpoint/zip/temporary-zip.ts'
import { describe, expect, test } from 'vitest'
import { oneRepository, place, work } from './fresh.ts'
import { measured } from './peak.ts'

/** With what Node takes for itself. */
const MOST_MB = 256
/** As many as a model may have, in one file or in several: docs/formats.md, "Tensor table". */
const TENSORS = 100_000

oneRepository()

function safetensors(entries: readonly string[], dataBytes = 0): Buffer {
  const header = Buffer.from(`{${entries.join(',')}}`)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(dataBytes)])
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Of one byte each, or empty. */
function manyTensors(count: number, bytes: 0 | 1): Buffer {
  const entry = (i: number): string => {
    const name = `model.layers.${i % 64}.mlp.experts.${i >> 6}.gate_proj.weight`
    return `"${name}":{"dtype":"U8","shape":[1,${bytes}],"data_offsets":[${i * bytes},${(i + 1) * bytes}]}`
  }
  return safetensors(range(count).map(entry), count * bytes)
}

/** Field of bytes of a protobuf message. */
function field(number: number, content: Uint8Array): Buffer {
  const length: number[] = []
  for (let left = content.length; ; left = Math.floor(left / 128)) {
    if (left < 128) {
      length.push(left)
      break
    }
    length.push((left % 128) | 128)
  }
  return Buffer.concat([Buffer.of((number << 3) | 2, ...length), content])
}

function onnx(graph: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(8, 8), field(7, graph)])
}

function manyNodes(count: number): Buffer {
  const node = field(1, field(4, Buffer.from('Add')))
  return onnx(Buffer.alloc(node.length * count, node))
}

function manyInitializers(count: number): Buffer {
  const initializer = (i: number): Buffer =>
    field(5, Buffer.concat([Buffer.of(8, 1, 16, 2), field(8, Buffer.from(`layer.${i}`)), field(9, Buffer.of(1))]))
  return onnx(Buffer.concat(range(count).map(initializer)))
}

/** Views of one byte each, of one storage. */
function torchFile(count: number): Buffer {
  const storage = [
    ...tupleOf(text('storage'), global('torch', 'ByteStorage'), text('0'), text('cpu'), integer(count)),
    'BINPERSID' as const,
  ]
  const tensor = (i: number) =>
    call(
      'torch._utils',
      '_rebuild_tensor_v2',
      ...storage,
      integer(i),
      ...tupleOf(integer(1)),
      ...tupleOf(integer(1)),
      'NEWFALSE',
      ...call('collections', 'OrderedDict'),
    )
  const values = range(count).map((i) => opcodes(text(`layer.${i}.weight`), tensor(i)))
  return makeZip([
    { name: 'm/data.pkl', data: pickle('EMPTY_DICT', 'MARK', values, 'SETITEMS') },
    { name: 'm/byteorder', data: Buffer.from('little') },
    { name: 'm/data/0', data: Buffer.alloc(count) },
    { name: 'm/version', data: Buffer.from('3\n') },
  ])
}

function gguf(count: number): Buffer {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(value))
    return bytes
  }
  const info = (i: number): Buffer => {
    const name = Buffer.from(`blk.${i}.weight`)
    const rest = Buffer.concat([Buffer.of(1, 0, 0, 0), word(1), Buffer.of(24, 0, 0, 0), word(i * 32)])
    return Buffer.concat([word(name.length), name, rest])
  }
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    Buffer.of(3, 0, 0, 0),
    word(count),
    word(0),
    ...range(count).map(info),
  ])
  return Buffer.concat([head, Buffer.alloc((32 - (head.length % 32)) % 32), Buffer.alloc(count * 32)])
}

/** A folder with shards of one byte for each tensor. */
function shards(folder: string, count: number): void {
  const half = count / 2
  const map = range(count).map((i) => `"layer.${i}.weight":"${i < half ? 'a' : 'b'}.safetensors"`)
  const entry = (i: number): string =>
    `"layer.${i}.weight":{"dtype":"U8","shape":[1],"data_offsets":[${i % half},${(i % half) + 1}]}`
  work.write(`${folder}/model.safetensors.index.json`, `{"metadata":{},"weight_map":{${map.join(',')}}}`)
  work.write(`${folder}/a.safetensors`, safetensors(range(half).map(entry), half))
  work.write(
    `${folder}/b.safetensors`,
    safetensors(
      range(half).map((i) => entry(i + half)),
      half,
    ),
  )
}

const UNREADABLE = ['CORRUPT']

/** `shown`: with which codes the model is shown before and after it is added. */
async function expectLittle(name: string, shown: string[]): Promise<void> {
  for (const [verb, expected] of [
    ['show', shown],
    ['scan', []],
    ['add', []],
    ['show', shown],
  ] as const) {
    const { codes, megabytes } = await measured(place, work, verb, name)
    expect([verb, codes]).toEqual([verb, expected])
    expect(megabytes, verb).toBeLessThan(MOST_MB)
  }
}

describe('a model file of few bytes that stands for very much takes little memory', () => {
  test.each<[string, string, () => Buffer, string[]]>([
    ['as many tensors as there may be', 'most.safetensors', () => manyTensors(TENSORS, 1), []],
    ['as many empty ones', 'empty.safetensors', () => manyTensors(TENSORS, 0), []],
    ['twice as many tensors', 'more.safetensors', () => manyTensors(2 * TENSORS, 0), UNREADABLE],
    [
      'a shape of two million ones',
      'ones.safetensors',
      () => safetensors([`"t":{"dtype":"U8","shape":[${'1,'.repeat(2_000_000)}1],"data_offsets":[0,1]}`], 1),
      UNREADABLE,
    ],
    ['two million nodes', 'nodes.onnx', () => manyNodes(2_000_000), []],
    ['as many initializers', 'initializers.onnx', () => manyInitializers(TENSORS), []],
    ['as many views of one storage as a pickle may make', 'views.pth', () => torchFile(43_000), []],
    ['as many tensors in GGUF', 'many.gguf', () => gguf(TENSORS), []],
  ])('%s', async (_, name, make, shown) => {
    work.write(name, make())
    await expectLittle(name, shown)
  })

  test('as many tensors as a model may have, in two files', async () => {
    shards('sharded', TENSORS)
    await expectLittle('sharded', [])
  })
})
