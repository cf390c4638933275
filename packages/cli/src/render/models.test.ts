import { expect, test } from 'vitest'
import type { ModelsResult } from '@art/repo/registry-api.ts'
import { PLAIN } from './color.ts'
import { renderModels } from './models.ts'

const MODELS: ModelsResult = {
  models: [
    {
      name: 'resnet',
      path: 'models/resnet_best.pth',
      latest: '3.0.0',
      versions: 3,
      stages: { production: '2.0.0', staging: '1.0.0' },
      metric: { name: 'val_acc', value: 0.867188, direction: 'highest' },
    },
    { name: 'edge', path: 'models/edge.onnx', latest: null, versions: 0, stages: {} },
  ],
  undescribed: [],
}

test('a line for each model, where nothing limits it', () => {
  expect(renderModels(MODELS, { columns: undefined, paint: PLAIN, verbose: false })).toBe(
    `model   latest       stages                             metric            path
resnet  v3.0.0 of 3  production v2.0.0, staging v1.0.0  val_acc 0.867188  models/resnet_best.pth
edge    none                                                              models/edge.onnx`,
  )
})

test('archived versions are told', () => {
  const [resnet] = MODELS.models
  const text = (more: object): string =>
    renderModels({ models: [{ ...resnet!, ...more }], undescribed: [] }, { columns: 80, paint: PLAIN, verbose: false })
  expect(text({ archived: 1 })).toContain('v3.0.0 of 3, 1 archived  ')
  expect(text({ archived: 1, versions: 1, status: 'archived' })).toContain('v3.0.0 archived  ')
})

test('in a terminal of 80 columns a line for each stage, and paths stay whole', () => {
  expect(renderModels(MODELS, { columns: 80, paint: PLAIN, verbose: false })).toBe(
    `model   latest       stages             metric            path
resnet  v3.0.0 of 3  production v2.0.0  val_acc 0.867188  models/resnet_best.pth
                     staging v1.0.0
edge    none                                              models/edge.onnx`,
  )
})
