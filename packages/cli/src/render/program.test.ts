import { expect, test } from 'vitest'
import type { ExportedProgram } from '@art/repo/program-api.ts'
import { PLAIN } from './color.ts'
import { renderProgram } from './program.ts'

const MADE: ExportedProgram = {
  source: 'models/resnet.pth',
  from: 'pytorch',
  format: 'onnx',
  path: 'models/resnet.onnx',
  state: 'written',
  size: 44_700_000,
  oid: 'a'.repeat(64),
  weights: `sha256:${'b'.repeat(64)}`,
  parameters: 11_181_642,
  own: { parameters: 11_172_032, weights: `sha256:${'c'.repeat(64)}` },
  metrics: { val_acc: 0.91 },
  python: '/usr/bin/python3',
  torch: '2.15.0',
  exporter: 'dynamo',
  opset: 18,
  comparedWith: 'onnx 1.23.2',
  maxAbsDiff: 7.2e-7,
  tolerance: 1e-4,
  transferred: 0,
  pointer: 'models/resnet.onnx.art',
  gitPaths: [],
  staged: true,
}

const VIEW = { columns: 80, paint: PLAIN, verbose: false }

test.each([
  [7.2e-7, 'outputs differ by 7.2e-7 at most, 0.0001 is allowed: onnx 1.23.2'],
  [0.0059, 'outputs differ by 0.0059 at most, within 0.0001 of the largest output: onnx 1.23.2'],
])('how far an export is from its model: %d', (maxAbsDiff, line) => {
  const text = renderProgram({ ...MADE, maxAbsDiff }, VIEW)
  expect(text.split('\n')[1]).toBe(line)
})

test('the figures of the source and those of what was made of it are told apart', () => {
  const lines = renderProgram(MADE, VIEW).split('\n')
  expect(lines[0]).toBe('written  models/resnet.onnx  44.7 MB  onnx opset 18, by torch 2.15.0')
  expect(lines.slice(2)).toEqual([
    'metrics of its source: val_acc 0.91',
    `models/resnet.pth has 11,181,642 parameters, weights sha256:${'b'.repeat(64)}`,
    `models/resnet.onnx has 11,172,032 parameters, weights sha256:${'c'.repeat(64)}`,
  ])
  expect(
    renderProgram({ ...MADE, own: null, metrics: {} }, VIEW)
      .split('\n')
      .slice(2),
  ).toEqual([lines[3]])
})
