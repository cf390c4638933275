import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '@art/core'
import type { ModelFile } from '../model-file.ts'
import { bytesSource } from '../source/bytes.ts'
import { modelOf, safetensorsOf, storageOf, tensor } from '../temporary-model.ts'
import { decodeTable } from './decode.ts'
import { describeModel } from './describe.ts'
import { encodeTable } from './encode.ts'
import { weightRanges, weightsOf } from './model.ts'
import type { TensorTable } from './table.ts'

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
function forge(bytes: Uint8Array, change: (text: string) => string): Buffer {
  const text = Buffer.from(bytes).toString('utf8')
  const body = change(text.slice(0, text.lastIndexOf('end ')))
  return Buffer.from(`${body}end ${createHash('sha256').update(body).digest('hex')}\n`)
}

const small = (): ModelFile =>
  modelOf({
    epoch: 2,
    model: { 'module.fc.weight': tensor({ values: [1, 2, 3, 4], shape: [2, 2] }) },
    val_acc: 0.5,
    config: { lr: 0.1 },
  })

const rich = (): ModelFile => {
  const shared = storageOf(new Uint8Array(64), { device: 'cuda:1', place: { offset: 128 } })
  const file = modelOf(
    {
      state_dict: {
        'a.weight': tensor({ storage: shared, shape: [2, 3], strides: [1, 2], parameter: true, requiresGrad: true }),
        'b.weight': tensor({ storage: shared, shape: [2, 3], strides: [1, 2] }),
        'c.bias': tensor({ dtype: 'bfloat16', values: [1, Number.NaN, Number.POSITIVE_INFINITY] }),
        big: tensor({ storage: storageOf(new Uint8Array(8), { bigEndian: true }), shape: [2], offset: 0 }),
        z: tensor({ dtype: 'complex64', values: [1, 2], shape: [1], conjugated: true, negated: true }),
        q: tensor({
          dtype: 'qint8',
          values: [1],
          layout: 'quantized',
          quantization: { scheme: 'per_tensor_affine', scale: 0.1, zeroPoint: 3 },
        }),
        'näme with\nline end': tensor({ shape: [0, 7] }),
      },
      optimizer: { state: { 0: { exp_avg: tensor({ values: [3] }) } }, param_groups: [{ lr: 0.1 }] },
      best_loss: Number.NEGATIVE_INFINITY,
      config: { tags: ['a', 1, true], limit: Number.POSITIVE_INFINITY, name: 'inf', token: 'secret' },
    },
    {
      producer: { name: 'pytorch', version: '2.1' },
      imports: ['collections.OrderedDict', 'os.system'],
      metadata: new Map([['__proto__', 'x'], ['long', 'y'.repeat(500)], ['n', 3] as never]),
      graph: {
        inputs: [
          { name: 'x', dtype: 'float32', shape: [1, 'batch'] },
          { name: 'y', dtype: undefined, shape: undefined },
        ],
        outputs: [],
        operators: new Map([['Conv', 2]]),
        nodes: 3,
      },
    },
  )
  return file
}

const everything = (file: ModelFile) =>
  describeModel(file, { measure: 'everything', scan: { verdict: 'unsafe', unsafe: ['os.system'] } })

/** The example in docs/formats.md. */
const EXAMPLE = [
  'art-tensors 1',
  '{"format":"pytorch","enclosing":"model","others":[],"storages":1,"tensors":1,"aliases":[],"copies":[],"facts":{"parameters":4,"weights":"83da419a4cd07da5ec8fe7cce10b99c51bb0a00223cae4cf948bd73e2a9fd7d0","epoch":2,"resumeEpoch":3,"metrics":[["val_acc",0.5]],"config":[["lr",0.1]],"optimizers":[],"leftOut":[]},"metadata":[],"imports":[],"warnings":[]}',
  '{"bytes":16}',
  '{"name":"model.module.fc.weight","dtype":"float32","shape":[2,2],"storage":0,"weight":"fc.weight","sha256":"ad73b9acd6e4a74b2f5bb5386658ce3bb146cd040a1867646ab3b973fb6632b1"}',
  'end a5ee8823c5d3a5209ddf38c89efbae28597a68d0133b59a38e72602d7c6b2581',
  '',
].join('\n')

describe('tensor table', () => {
  it('is, byte for byte, what docs/formats.md says', async () => {
    const table = await describeModel(small(), { measure: 'weights' })
    expect(encodeTable(table).toString()).toBe(EXAMPLE)
    expect(decodeTable(Buffer.from(EXAMPLE))).toEqual(table)
  })

  it('gives back what was encoded, with all that a table can hold', async () => {
    for (const table of [await everything(rich()), await everything(small()), await describeModel(modelOf({}))]) {
      const bytes = encodeTable(table)
      const back = decodeTable(bytes)
      expect(back).toEqual(table)
      expect(encodeTable(back).equals(bytes)).toBe(true)
    }
    const { facts, tensors } = decodeTable(encodeTable(await everything(rich())))
    expect([...facts.config]).toEqual([
      ['tags', ['a', 1, true]],
      ['limit', Number.POSITIVE_INFINITY],
      ['name', 'inf'],
    ])
    expect(tensors[2]!.statistics).toEqual({ mean: 1, min: 1, max: Number.POSITIVE_INFINITY, nan: 1, infinite: 1 })
  })

  it('is the same whatever was measured of the weights, but for that', async () => {
    const digest = async (measure: 'weights' | 'everything') => (await describeModel(rich(), { measure })).facts.weights
    expect(await digest('weights')).toBe(await digest('everything'))
    expect((await describeModel(rich())).facts.weights).toBeUndefined()
  })

  it('hashes no tensor again that an earlier table of the same file has hashed', async () => {
    const whole = await describeModel(rich(), { measure: 'everything' })
    const weights = await describeModel(rich(), { measure: 'weights' })
    expect(await describeModel(rich(), { measure: 'everything', known: weights })).toEqual(whole)
    const made = {
      ...weights,
      tensors: weights.tensors.map((one) => (one.sha256 === undefined ? one : { ...one, sha256: '0'.repeat(64) })),
    }
    const told = (await describeModel(rich(), { measure: 'everything', known: made })).tensors
    expect(told.some(({ sha256 }) => sha256 === '0'.repeat(64))).toBe(true)
    expect(told.map(({ statistics }) => statistics)).toEqual(whole.tensors.map(({ statistics }) => statistics))
    const other = { ...made, tensors: made.tensors.map((one) => ({ ...one, name: `x.${one.name}` })) }
    for (const known of [other, { ...made, tensors: made.tensors.slice(1) }])
      expect(await describeModel(rich(), { measure: 'everything', known })).toEqual(whole)
  })

  it('detects every flipped byte and every cut', async () => {
    const bytes = encodeTable(await everything(rich()))
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const damaged = Buffer.from(bytes)
        damaged[place]! ^= flip
        expect(codeOf(() => decodeTable(damaged))).toBe('CORRUPT')
        expect(codeOf(() => decodeTable(bytes.subarray(0, place)))).toBe('CORRUPT')
      }),
    )
    expect(codeOf(() => decodeTable(Buffer.concat([bytes, Buffer.from('\n')])))).toBe('CORRUPT')
  })

  it('refuses what cannot be, whoever made the checksum', async () => {
    const bytes = encodeTable(await everything(rich()))
    const lines = (change: (lines: string[]) => string[]) => (text: string) => change(text.split('\n')).join('\n')
    const refused: ((text: string) => string)[] = [
      (text) => text.replace('"format":"pytorch"', '"format":"toString"'),
      (text) => text.replace('"storages":', '"storages":1'),
      (text) => text.replace('"tensors":8', '"tensors":9'),
      (text) => text.replace('"tensors":8', '"tensors":1e300'),
      (text) => text.replace('"storage":0', '"storage":99'),
      (text) => text.replace('"storage":0', '"storage":-1'),
      (text) => text.replace('"shape":[2,3]', '"shape":[2,-3]'),
      (text) => text.replace('"shape":[2,3]', '"shape":[9007199254740991,9007199254740991]'),
      (text) => text.replace('"strides":[1,2]', '"strides":[1]'),
      (text) => text.replace('"dtype":"float32","shape":[2,3]', '"dtype":"unheard_of","shape":[2,3]'),
      (text) => text.replace('"dtype":"float32"', '"dtype":3'),
      (text) => text.replace(/"sha256":"../, '"sha256":"XX'),
      (text) => text.replace('"weight":1', '"weight":2'),
      (text) => text.replace('"verdict":"unsafe"', '"verdict":"fine"'),
      (text) => text.replace('"parameters":', '"parameter":'),
      (text) => text.replace('"-inf"', '"-infinite"'),
      lines((all) => [all[0]!, '[]', ...all.slice(2)]),
      lines((all) => [all[0]!, '{', ...all.slice(2)]),
      lines((all) => all.toSpliced(3, 1)),
      () => '',
    ]
    expect(codeOf(() => decodeTable(forge(bytes, (text) => text)))).toBe('none')
    for (const change of refused) {
      expect(forge(bytes, change).equals(bytes), String(change)).toBe(false)
      expect(
        codeOf(() => decodeTable(forge(bytes, change))),
        String(change),
      ).toMatch(/CORRUPT|UNSUPPORTED/)
    }
    expect(codeOf(() => decodeTable(forge(bytes, (text) => text.replace('art-tensors 1', 'art-tensors 2'))))).toBe(
      'UNSUPPORTED',
    )
    expect(codeOf(() => decodeTable(Buffer.alloc(65 << 20)))).toBe('CORRUPT')
  })

  it('takes any JSON in its lines without another failure', async () => {
    const bytes = encodeTable(await everything(rich()))
    const count = bytes.toString().split('\n').length - 2
    fc.assert(
      fc.property(fc.integer({ min: 1, max: count }), fc.jsonValue({ maxDepth: 3 }), fc.nat(), (line, value, pick) => {
        const forged = forge(bytes, (text) => {
          const all = text.split('\n')
          const object = JSON.parse(all[line] === '' ? '{}' : all[line]!) as Record<string, unknown>
          const keys = Object.keys(object)
          if (keys.length > 0) object[keys[pick % keys.length]!] = value
          all[line] = JSON.stringify(keys.length === 0 ? value : object)
          return all.join('\n')
        })
        expect(['none', 'CORRUPT', 'UNSUPPORTED']).toContain(codeOf(() => decodeTable(forged)))
      }),
      { numRuns: 500 },
    )
  })

  it('keeps secrets, vocabularies and long texts of metadata out', async () => {
    const file = safetensorsOf({ w: tensor() }, { format: 'pt', hf_token: 'x', note: 'y'.repeat(300) })
    const { metadata } = await describeModel(file)
    expect([...metadata.keys()]).toEqual(['format', 'note'])
    expect(String(metadata.get('note')).length).toBe(201)
  })

  it('is a few kilobytes for a model of a hundred tensors', async () => {
    const weights = Object.fromEntries(
      Array.from({ length: 122 }, (_, i) => [`layer${i % 4}.${i}.conv1.weight`, tensor({ shape: [4, 4] })]),
    )
    const table = await describeModel(modelOf({ model: weights }), { measure: 'everything' })
    expect(encodeTable(table).length).toBeLessThan(42_000)
    expect(encodeTable(await describeModel(modelOf({ model: weights }), { measure: 'weights' })).length).toBeLessThan(
      30_000,
    )
  })

  it('has no digest of tensors that cannot be measured, and says why', async () => {
    const expanded = tensor({ shape: [2 ** 40, 1], strides: [0, 1], storage: storageOf(new Uint8Array(4)) })
    const { facts, warnings } = await describeModel(modelOf({ model: { w: expanded } }), { measure: 'weights' })
    expect(facts.weights).toBeUndefined()
    expect(warnings[0]).toMatch(/^no weights digest: model\.w: /)
  })

  it('holds 200,000 tensors and no more', async () => {
    const one = { ...tensor().tensor, name: 'x' }
    const file = { ...safetensorsOf({}), tensors: Array.from({ length: 200_001 }, () => one) }
    await expect(describeModel(file)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('tells what to fetch for the weights alone, and reads them with that', async () => {
    const bytes = new Uint8Array(400).map((_, i) => i)
    const at = (offset: number, length: number) =>
      storageOf(bytes, { offset, length, place: { offset }, source: bytesSource('whole', bytes) })
    const file = modelOf({
      model: {
        a: tensor({ storage: at(64, 64), shape: [16] }),
        b: tensor({ storage: at(128, 32), shape: [8] }),
        c: tensor({ storage: at(300, 4) }),
        a2: tensor({ storage: at(64, 64), shape: [4], offset: 3 }),
      },
      optimizer: { state: {}, param_groups: [], exp_avg: tensor({ storage: at(200, 64), shape: [16] }) },
    })
    const table = decodeTable(encodeTable(await describeModel(file, { measure: 'weights' })))
    expect(weightRanges(table)).toEqual([
      { file: undefined, offset: 64, length: 96 },
      { file: undefined, offset: 300, length: 4 },
    ])
    const parts = bytes.map((byte, i) => (i >= 160 && i < 300 ? 0 : byte))
    const weights = weightsOf(table, () => bytesSource('parts', parts))
    expect(weights.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'a2'])
    const again = await describeModel(
      safetensorsOf(Object.fromEntries(weights.map((one) => [one.name, { kind: 'tensor' as const, tensor: one }]))),
      { measure: 'weights' },
    )
    expect(again.facts.weights).toBe(table.facts.weights)
    const compressed: TensorTable = { ...table, storages: table.storages.map(({ bytes: size }) => ({ bytes: size })) }
    expect(weightRanges(compressed)).toBeUndefined()
  })
})
