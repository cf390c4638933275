import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPool } from '@art/core/worker/pool.ts'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ModelFile, TensorValue } from '../model-file.ts'
import { bytesSource } from '../source/bytes.ts'
import { describeModel } from '../table/describe.ts'
import type { TensorTable } from '../table/table.ts'
import { bitsOf, modelOf, type Plain, safetensorsOf, storageOf, tensor } from '../temporary-model.ts'
import { jobs } from '../worker/jobs.ts'
import { compareModels, compareTables, type Side } from './difference.ts'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'art-difference-'))))
afterAll(() => rmSync(folder, { recursive: true }))

type Tensors = Record<string, TensorValue>

const values = (seed: number, count = 6) =>
  Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed * 100 + i)))

/** Layers of one weight each; those in `changed` have other numbers. */
function layers(names: readonly string[], changed: readonly string[] = []): Tensors {
  return Object.fromEntries(
    names.map((name, i) => [name, tensor({ values: values(i + (changed.includes(name) ? 50 : 1)) })]),
  )
}

const NAMES = [...Array.from({ length: 60 }, (_, i) => `layer${i % 4}.${i}.weight`), 'fc.weight', 'fc.bias']

const tableOf = (file: ModelFile) => describeModel(file, { measure: 'weights' })
const model = (state: Plain, more: { [key: string]: Plain } = {}) => tableOf(modelOf({ model: state, ...more }))
const judged = async (before: Plain, after: Plain) => compareTables(await model(before), await model(after)).judgement

describe('the difference between two tables', () => {
  it('says in one line what somebody wants to know', async () => {
    const base = layers(NAMES)
    expect(await judged(base, base)).toBe('same weights')
    expect(await judged(base, layers(NAMES, ['fc.weight', 'fc.bias']))).toBe('60 of 62 equal: head fine-tune')
    expect(await judged(base, layers(NAMES, NAMES))).toBe('all 62 changed')
    expect(await judged(base, layers(NAMES, ['layer1.1.weight']))).toBe('61 of 62 equal: layer1.1 changed')
    const third = NAMES.filter((name) => name.startsWith('layer3') || name.startsWith('layer2'))
    expect(await judged(base, layers(NAMES, third))).toBe('32 of 62 equal: layer2.*, layer3.* changed')
    const deep = Array.from({ length: 40 }, (_, i) => `model.layers.${i % 10}.part${i}.weight`)
    const tenth = deep.filter((name) => name.includes('.7.'))
    expect(await judged(layers(deep), layers(deep, tenth))).toBe('36 of 40 equal: model.layers.7.* changed')
    const halves = Object.fromEntries(
      NAMES.map((name, i) => [name, tensor({ dtype: 'bfloat16', values: values(i + 1) })]),
    )
    expect(await judged(base, halves)).toBe('all 62 changed, float32 → bfloat16')
    const counted = { ...base, 'bn.num_batches_tracked': tensor({ values: [1] }) }
    expect(await judged(counted, { ...counted, ...halves })).toBe('1 of 63 equal: 62 changed, float32 → bfloat16')
    const tuned = { ...layers(NAMES, ['fc.weight', 'fc.bias']), 'bn.num_batches_tracked': tensor({ values: [2] }) }
    expect(await judged(counted, tuned)).toBe('60 of 63 equal: head fine-tune, and statistics of batch norm')
    const { 'fc.weight': _, ...headless } = base
    expect(await judged(base, { ...headless, 'fc.weight': tensor({ shape: [3, 3] }) })).toBe(
      '61 of 62 equal: head fine-tune, 1 reshaped',
    )
    expect(await judged(headless, { ...headless, 'lora_A.weight': tensor({ values: [9] }) })).toBe(
      '61 of 61 equal, 1 added (adapters)',
    )
    expect(await judged(base, { other: tensor() })).toBe('no weight in common, 1 added, 62 removed')
    expect(
      await judged(
        base,
        Object.fromEntries(Object.entries(base).map(([name, value]) => [name.replace('fc', 'head'), value])),
      ),
    ).toBe('same weights, 2 renamed')
    expect(
      await judged(base, {
        net: Object.fromEntries(Object.entries(base).map(([name, value]) => [`net.${name}`, value])),
      }),
    ).toBe('same weights, * is now net.*')
    const bn = (mean: number) => ({ ...base, 'bn.running_mean': tensor({ values: [mean] }) })
    expect(await judged(bn(1), bn(2))).toBe('62 of 63 equal: only statistics of batch norm changed')
    expect(await judged({}, {})).toBe('same weights')
  })

  it('sets figures beside it', async () => {
    const state = layers(['a', 'b'])
    const before = await model(state, {
      epoch: 1,
      val_acc: 0.9,
      config: { lr: 0.1, tags: ['x'], old: 1 },
      loss: Number.NaN,
    })
    const after = await model(state, {
      epoch: 2,
      val_acc: 0.95,
      config: { lr: 0.1, tags: ['y'], fresh: true },
      loss: Number.NaN,
    })
    const { judgement, facts, same, equal } = compareTables(before, after)
    expect({ judgement, same, equal }).toEqual({ judgement: 'same weights, other metadata', same: true, equal: 2 })
    expect(facts).toEqual([
      { name: 'epoch', before: 1, after: 2 },
      { name: 'val_acc', before: 0.9, after: 0.95 },
      { name: 'config.tags', before: ['x'], after: ['y'] },
      { name: 'config.old', before: 1 },
      { name: 'config.fresh', after: true },
    ])
  })

  it('works across formats and prefixes, and tells why digests differ where a tied name was dropped', async () => {
    const shared = tensor({ values: values(1, 2000) })
    const tied = {
      'wte.weight': shared,
      'head.weight': shared,
      'ln.bias': tensor({ values: [0, 0] }),
      'ln2.bias': tensor({ values: [0, 0] }),
    }
    const { 'head.weight': _, ...dropped } = tied
    const [before, after] = [await model(tied), await tableOf(safetensorsOf(dropped))]
    const difference = compareTables(before, after)
    expect(difference).toMatchObject({
      same: false,
      equal: 3,
      judgement: 'same weights: head.weight is no longer there beside its equal wte.weight, other metadata',
    })
    expect(difference.tensors).toMatchObject([{ kind: 'removed', name: 'head.weight', sameAs: 'wte.weight' }])
    expect(compareTables(after, before).judgement).toBe(
      'same weights: head.weight is there beside its equal wte.weight, other metadata',
    )
    const aliased = await tableOf(safetensorsOf(dropped, { 'head.weight': 'wte.weight' }))
    expect(compareTables(before, aliased)).toMatchObject({ same: true, equal: 4, tensors: [] })
    const { 'ln2.bias': __, ...biasless } = tied
    expect(compareTables(before, await model(biasless)).judgement).toBe('3 of 3 equal, 1 removed')
  })

  it('is told of models of very many tensors, whatever became of them', async () => {
    const table = await describeModel(safetensorsOf({ w: tensor() }))
    const manyOf = (suffix: string) => ({
      ...table,
      tensors: Array.from({ length: 130_000 }, (_, i) => ({ ...table.tensors[0]!, weight: `experts.${i}.${suffix}` })),
    })
    const [before, after] = [manyOf('w'), manyOf('v')]
    expect(compareTables(before, after).judgement).toBe('no weight in common, 130000 added, 130000 removed')
    expect(compareTables(before, before).tensors.length).toBe(130_000)
  })

  it('claims nothing that tables without hashes cannot tell', async () => {
    const bare = await describeModel(modelOf({ model: layers(['a', 'b']) }))
    const difference = compareTables(bare, bare)
    expect(difference).toMatchObject({
      same: undefined,
      equal: 0,
      judgement: '2 weights of the same shapes, which only the files can tell apart',
    })
    expect(difference.tensors.map(({ kind }) => kind)).toEqual(['unknown', 'unknown'])
  })
})

/** Writes the payloads into a file, as a reader would have found them there. */
async function sideOf(
  name: string,
  tensors: Tensors,
  measure: 'weights' | 'nothing',
): Promise<Side & { table: TensorTable; file: ModelFile }> {
  const parts = Object.values(tensors).map(({ tensor: one }) => one.storage!)
  const whole = Buffer.concat(await Promise.all(parts.map(({ source }) => source.read(0, source.size))))
  writeFileSync(join(folder, name), whole)
  let offset = 0
  const placed = Object.entries(tensors).map(([key, value], i) => {
    const storage = storageOf(whole, { ...parts[i]!, source: bytesSource(name, whole), offset, place: { offset } })
    offset += parts[i]!.length
    return [key, { ...value, tensor: { ...value.tensor, storage } }] as const
  })
  const file = safetensorsOf(Object.fromEntries(placed))
  return { table: await describeModel(file, { measure }), file, pathOf: () => join(folder, name) }
}

describe('distances between files', () => {
  it('are those of the vectors, across dtypes and layouts, from paths, threads and sources', async () => {
    const [a, b] = [values(1, 5000), values(1, 5000).map((x, i) => Math.fround(x + Math.cos(i) * 0.01))]
    const transposed = {
      dtype: 'float32',
      shape: [100, 50],
      strides: [1, 100],
      bits: bitsOf(
        'float32',
        Array.from({ length: 5000 }, (_, i) => b[(i % 100) * 50 + Math.floor(i / 100)]!),
      ),
    }
    const before = {
      w: tensor({ values: a, shape: [100, 50] }),
      same: tensor({ values: [1, 2] }),
      zero: tensor({ values: [0, 0] }),
      z: tensor({ dtype: 'complex64', values: [1, 2], shape: [1] }),
      n: tensor({ values: [1, Number.NaN, 3, Number.NaN] }),
      s: tensor({ shape: [3] }),
    }
    const after = {
      w: tensor(transposed),
      same: tensor({ values: [1, 2] }),
      zero: tensor({ dtype: 'float64', values: [3, 4] }),
      z: tensor({ dtype: 'complex64', values: [1, -2], shape: [1] }),
      n: tensor({ values: [1, 2, 5, Number.NaN] }),
      s: tensor({ shape: [4] }),
    }
    const dot = (x: number[], y: number[]) => x.reduce((sum, one, i) => sum + one * y[i]!, 0)
    const delta = b.map((x, i) => x - a[i]!)
    const wanted = {
      relativeL2: Math.sqrt(dot(delta, delta) / dot(a, a)),
      maxDelta: delta.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
      cosine: dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
      skipped: 0,
    }
    for (const measure of ['weights', 'nothing'] as const) {
      const [one, other] = [await sideOf('a', before, measure), await sideOf('b', after, measure)]
      const pool = await createPool(0, async () => jobs)
      const results = [
        await compareModels(one, other, { pool }),
        await compareModels(one, other),
        await compareModels({ ...one, pathOf: undefined }, other),
      ]
      for (const result of results) expect(result).toEqual(results[0])
      const distances = Object.fromEntries(
        results[0]!.tensors.map((change) => [change.name, 'distance' in change ? change.distance : undefined]),
      )
      const { w, ...rest } = distances
      for (const key of ['relativeL2', 'maxDelta', 'cosine', 'skipped'] as const)
        expect(w![key]).toBeCloseTo(wanted[key], 12)
      expect(rest).toEqual({
        zero: { maxDelta: 4, skipped: 0 },
        z: {
          relativeL2: expect.closeTo(Math.sqrt(16 / 5), 12),
          maxDelta: 4,
          cosine: expect.closeTo(-0.6, 12),
          skipped: 0,
        },
        n: {
          relativeL2: expect.closeTo(Math.sqrt(4 / 10), 12),
          maxDelta: 2,
          cosine: expect.closeTo(16 / Math.sqrt(260), 12),
          skipped: 1,
        },
        s: undefined,
      })
      expect(results[0]!.equal).toBe(1)
    }
  })

  it('of quantized tensors are those of the numbers that they stand for, and none where channels have scales', async () => {
    const quantized = (stored: number[], scale?: number, zeroPoint = 0) =>
      tensor({ dtype: 'int8', values: stored, quantization: { scheme: 'affine', ...(scale && { scale, zeroPoint }) } })
    const before = { q: tensor({ values: [1, -2] }), r: quantized([2, 4], 0.5, 0), c: tensor({ values: [1] }) }
    const after = { q: quantized([12, 0], 0.25, 10), r: quantized([2, 4], 1, 0), c: quantized([1]) }
    const { tensors } = await compareModels(await sideOf('a', before, 'weights'), await sideOf('b', after, 'weights'))
    const distances = tensors.map((change) => ('distance' in change ? change.distance : undefined))
    expect(distances.map((one) => [one?.relativeL2, one?.maxDelta])).toEqual([
      [expect.closeTo(Math.sqrt(0.1), 12), 0.5],
      [1, 2],
      [undefined, undefined],
    ])
  })

  it('of a tensor to itself are none, to its opposite twice its length', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
        minLength: 1,
        maxLength: 50,
      }),
      async (numbers) => {
        const before = await sideOf('a', { w: tensor({ dtype: 'float64', values: numbers }) }, 'nothing')
        const opposite = await sideOf(
          'b',
          { w: tensor({ dtype: 'float64', values: numbers.map((x) => -x) }) },
          'nothing',
        )
        expect((await compareModels(before, before)).equal).toBe(1)
        const [change] = (await compareModels(before, opposite)).tensors
        const isZero = numbers.every((x) => x === 0)
        if (isZero) expect(change).toBeUndefined()
        else expect(change).toMatchObject({ kind: 'changed', distance: { skipped: 0 } })
        if (change?.kind === 'changed' && change.distance?.relativeL2 !== undefined) {
          expect(change.distance.relativeL2).toBeCloseTo(2, 10)
          expect(change.distance.cosine).toBeCloseTo(-1, 10)
        }
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  it('are refused for a table of another file', async () => {
    const [one, other] = [await sideOf('a', { w: tensor() }, 'nothing'), await sideOf('b', { v: tensor() }, 'nothing')]
    await expect(compareModels({ ...one, table: other.table }, one)).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it('are refused for few bytes that would take for ever', async () => {
    const expanded = tensor({ shape: [2 ** 40, 1], strides: [0, 1], storage: storageOf(new Uint8Array(4)) })
    const file = modelOf({ model: { w: expanded } })
    const side = { table: await describeModel(file, { measure: 'weights' }), file }
    await expect(compareModels(side, side)).rejects.toMatchObject({ code: 'CORRUPT', path: 'w' })
  })
})
