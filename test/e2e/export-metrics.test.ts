import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExportedProgram } from '@art/repo/program-api.ts'
import type { CompareResult, ShowResult } from '@art/repo/view-api.ts'
import { beforeEach, expect, test } from 'vitest'
import { eachRepository, work } from './fresh.ts'
import { DATA } from './harness.ts'
import { pythonThatMakes, RESULT } from './stand-in-python.ts'

const WANTED = ['export', 'models/cnn.pth', '--to', 'onnx', '--model', 'src.model:get_model', '--input', '1,3,8,8']
const ONNX = join(DATA, 'models/onnx')

eachRepository({ remote: true })
beforeEach(async () => {
  mkdirSync(work.path('models'))
  copyFileSync(join(DATA, 'simple_cnn.pth'), work.path('models/cnn.pth'))
  await work.ok('add', 'models/cnn.pth', '--metric', 'f1=0.8')
})

const makes = (name: string, document: unknown = RESULT): string[] =>
  pythonThatMakes(`cat '${join(ONNX, name)}'`, document)
const pointer = (): string => readFileSync(work.path('models/cnn.onnx.art'), 'utf8')
const METRICS = /\nmetrics:\n {2}val_acc: 0\.786\n {2}f1: 0\.8\n/

test('an export has the metrics of its source, those that people gave too, and figures of its own', async () => {
  const made = await work.json<ExportedProgram>(...WANTED, ...makes('graphs.onnx'))
  const shown = await work.json<ShowResult>('show', 'models/cnn.onnx')
  expect(made).toMatchObject({
    parameters: 19_354,
    own: { parameters: 13, weights: shown.weights },
    metrics: { val_acc: 0.786, f1: 0.8 },
  })
  expect(made.weights).not.toBe(shown.weights)
  expect(pointer()).toMatch(METRICS)
  expect(shown.metrics).toEqual({ val_acc: 0.786, f1: 0.8 })
  const { models } = await work.json<CompareResult>('compare', '--by', 'f1')
  expect(models.map(({ name, metrics }) => [name, metrics['f1']])).toEqual([
    ['models/cnn.pth', 0.8],
    ['models/cnn.onnx', 0.8],
  ])
})

test('an export that is made again has them anew', async () => {
  await work.ok(...WANTED, ...makes('graphs.onnx'))
  await work.ok('add', 'models/cnn.onnx', '--metric', 'latency_ms=3', '--desc', 'for phones')
  await work.ok('add', 'models/cnn.pth', '--metric', 'f1=0.9')
  for (const name of ['graphs.onnx', 'types.onnx']) {
    const { stderr } = await work.ok(...WANTED, ...makes(name))
    expect(stderr.includes('it was made anew, so metrics that were given by hand are dropped: latency_ms')).toBe(
      name === 'graphs.onnx',
    )
    expect(pointer()).toMatch(/\nmetrics:\n {2}val_acc: 0\.786\n {2}f1: 0\.9\ndesc: for phones\n/)
  }
  // What nobody has compared may be another model.
  const result = { ...RESULT.result, compared_with: null, max_abs_diff: null }
  const { stderr } = await work.ok(...WANTED, ...makes('types.onnx', { ok: true, result }))
  expect(stderr).toContain('was not compared with the model, and does not get its metrics')
  expect(pointer()).not.toContain('metrics:')
})

test('a release of an export passes the gate of a stage that its source would', async () => {
  work.write('models.yaml', 'models:\n  cnn_onnx: models/cnn.onnx\n')
  await work.ok('config', 'stages.production.requires', 'val_acc >= 0.2')
  await work.ok(...WANTED, ...makes('graphs.onnx'))
  await work.commit('export')
  await work.ok('push')
  await work.ok('release', 'cnn_onnx')
  expect((await work.ok('stage', 'cnn_onnx', 'production')).stdout).toContain('val_acc is 0.786')
})
