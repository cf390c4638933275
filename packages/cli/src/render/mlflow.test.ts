import { expect, test } from 'vitest'
import type { MlflowAdopted, MlflowPullResult } from '@art/repo/mlflow-api.ts'
import { PLAIN } from './color.ts'
import { renderMlflowPull } from './mlflow.ts'

const one: MlflowAdopted = {
  registered: { model: 'simple_cnn', version: '1' },
  model: 'simple_cnn',
  version: '1.0.0',
  path: 'models/simple_cnn_v1.0.0.pth',
  state: 'unchanged',
  aliases: ['production'],
}
const RESULT: MlflowPullResult = {
  server: 'http://mlflow.example.org:5000',
  models: [],
  stages: [],
  commit: null,
  sent: null,
  next: [],
  gitPaths: [],
  staged: false,
  failed: [],
}
const tag = 'simple_cnn@v1.0.0'

function rendered(columns: number | undefined, release: MlflowAdopted['release'], dryRun = false): string {
  const result = {
    ...RESULT,
    models: [{ ...one, ...(release && { release }) }],
    ...(dryRun && { dryRun: true as const }),
  }
  return renderMlflowPull(result, { columns, paint: PLAIN, verbose: false })
}

test('what was released has that one state, whatever it was before', () => {
  expect(rendered(undefined, { tag, made: true })).toBe(
    'released  simple_cnn/1  simple_cnn@v1.0.0  models/simple_cnn_v1.0.0.pth  @production\n1 release',
  )
  expect(rendered(undefined, { tag, made: false })).toMatch(/^unchanged .* @production$/)
})

test('in a terminal of 80 columns paths stay whole', () => {
  expect(rendered(80, { tag, made: true }, true)).toBe(
    `would release  simple_cnn/1  simple_cnn@v1.0.0  @production
    models/simple_cnn_v1.0.0.pth`,
  )
})
