import { describe, expect, it } from 'vitest'
import { storageOf, tensor } from '../temporary-model.ts'
import { layerGroups, type NamedWeight, parametersAmong, sharedAmong } from './parameters.ts'

const weight = (name: string, given: Parameters<typeof tensor>[0] = {}): NamedWeight => ({
  name,
  tensor: tensor(given).tensor,
})
const none = new Map<string, string>()
const counted = (weights: NamedWeight[], copies = none) => parametersAmong(weights, copies).map(({ name }) => name)

describe('parameters', () => {
  it('are quantized weights too, beside biases that the file calls parameters', () => {
    const packed = { dtype: 'qint8', values: [1], layout: 'quantized' }
    const bias = { name: 'fc.bias', tensor: { ...tensor({}).tensor, parameter: true } }
    expect(counted([weight('fc.weight', packed), weight('fc.weight.scales', { layout: 'quantized' }), bias])).toEqual([
      'fc.weight',
      'fc.bias',
    ])
  })

  it('are what model.parameters() has, as far as a state dict tells', () => {
    const weights = [
      weight('conv.weight', { shape: [3, 3] }),
      weight('bn.weight'),
      weight('bn.running_mean'),
      weight('bn.running_var'),
      weight('bn.num_batches_tracked', { dtype: 'int64', shape: [], values: [1] }),
      weight('position_ids', { dtype: 'int64', values: [1] }),
      weight('mask', { dtype: 'bool', values: [1] }),
      weight('rotary.inv_freq'),
      weight('quant.weight', { dtype: 'int8', values: [1] }),
      weight('gptq.qweight', { dtype: 'int32', values: [1] }),
      weight('blk.0.q', { dtype: 'q4_k', shape: [256], bytes: 144 }),
      weight('q.weight', { dtype: 'qint8', values: [1], layout: 'quantized' }),
      weight('q.weight.scales', { layout: 'quantized' }),
      weight('s.values', { layout: 'sparse_coo' }),
      weight('s.indices', { dtype: 'int64', values: [0], layout: 'sparse_coo' }),
    ]
    expect(counted(weights)).toEqual([
      'conv.weight',
      'bn.weight',
      'quant.weight',
      'gptq.qweight',
      'blk.0.q',
      'q.weight',
      's.values',
    ])
  })

  it('are those that the file marks, where it marks some', () => {
    const marked = [
      weight('a', { parameter: true }),
      weight('running_mean', { parameter: true }),
      weight('buffer.weight'),
    ]
    expect(counted(marked)).toEqual(['a', 'running_mean'])
  })

  it('that are shared count once, and other views of a storage for themselves', () => {
    const storage = storageOf(new Uint8Array(64))
    const weights = [
      weight('wte', { storage, shape: [4] }),
      weight('head', { storage, shape: [4] }),
      weight('flat.1', { storage, shape: [4], offset: 4 }),
      { name: 'meta', tensor: { ...tensor().tensor, storage: undefined } },
      weight('copy', { shape: [4] }),
    ]
    expect(counted(weights, new Map([['copy', 'wte']]))).toEqual(['wte', 'flat.1', 'meta'])
    expect(
      sharedAmong(
        weights,
        new Map([
          ['copy', 'wte'],
          ['alias', 'flat.1'],
        ]),
      ),
    ).toEqual([
      ['wte', 'head', 'copy'],
      ['flat.1', 'alias'],
    ])
  })
})

describe('layer groups', () => {
  const groups = (weights: NamedWeight[]) =>
    layerGroups(weights, none).map(({ name, parameters }) => [name, parameters])

  it('are the parts of the model, the largest taken apart', () => {
    const resnet = [
      weight('conv1.weight', { shape: [10] }),
      weight('bn1.weight', { shape: [2] }),
      weight('bn1.running_mean', { shape: [2] }),
      ...['layer1', 'layer2'].flatMap((layer) =>
        [0, 1].map((i) => weight(`${layer}.${i}.conv1.weight`, { shape: [20] })),
      ),
      weight('fc.weight', { shape: [8] }),
      weight('fc.bias', { shape: [2] }),
    ]
    expect(groups(resnet)).toEqual([
      ['conv1', 10],
      ['bn1', 2],
      ['layer1.0', 20],
      ['layer1.1', 20],
      ['layer2.0', 20],
      ['layer2.1', 20],
      ['fc', 10],
    ])
  })

  it('of a transformer are its layers together, and what stands beside them', () => {
    const llama = [
      weight('model.embed_tokens.weight', { shape: [100] }),
      ...Array.from({ length: 32 }, (_, i) => weight(`model.layers.${i}.mlp.weight`, { shape: [50] })),
      weight('model.norm.weight', { shape: [5] }),
      weight('lm_head.weight', { shape: [100] }),
    ]
    expect(groups(llama)).toEqual([
      ['model.embed_tokens', 100],
      ['model.layers.*', 1600],
      ['model.norm', 5],
      ['lm_head', 100],
    ])
  })

  it('hold every weight once, also those without a module and with any name', () => {
    expect(groups([])).toEqual([])
    expect(groups([weight('a'), weight('b')])).toEqual([['', 2]])
    expect(groups([weight('scale'), weight('net.a.w', { shape: [3] }), weight('net.b.w')])).toEqual([
      ['net.a', 3],
      ['net.b', 1],
      ['', 1],
    ])
    const odd = [weight('.'), weight('..x'), weight('__proto__.constructor'), weight(`${'deep.'.repeat(1000)}w`)]
    expect(layerGroups(odd, none).reduce((sum, { tensors }) => sum + tensors, 0)).toBe(4)
  })
})
