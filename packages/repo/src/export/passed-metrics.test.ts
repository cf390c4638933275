import { expect, it } from 'vitest'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import { passedMetrics } from './passed-metrics.ts'

const file = { metrics: { val_acc: 0.5, loss: 'nan' }, config: { width: 12 } }
const pointer = (more: Partial<Pointer> = {}): Pointer => ({
  path: 'a',
  oid: 'a'.repeat(64),
  kind: 'f',
  size: 1,
  ...more,
})

it('are those of the pointer, people having the last word, and without a pointer those of the file', () => {
  const checkpoint: YamlMap = new Map<string, number>([
    ['epoch', 2],
    ['val_acc', 0.75],
    ['loss', 0.5],
  ])
  const metrics: YamlMap = new Map([['val_acc', 0.8]])
  expect(passedMetrics(pointer({ checkpoint, metrics }), file)).toEqual(
    new Map([
      ['val_acc', 0.8],
      ['loss', 0.5],
    ]),
  )
  for (const none of [undefined, pointer()])
    expect(passedMetrics(none, file)).toEqual(new Map(Object.entries(file.metrics)))
})

it('are no more than a pointer takes', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`m${i}`, i]))
  expect(passedMetrics(undefined, { metrics: many, config: {} }).size).toBe(64)
})
