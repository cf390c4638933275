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

test.each([
  [7.2e-7, 'outputs differ by 7.2e-7 at most, 0.0001 is allowed: onnx 1.23.2'],
  [0.0059, 'outputs differ by 0.0059 at most, within 0.0001 of the largest output: onnx 1.23.2'],
])('how far an export is from its model: %d', (maxAbsDiff, line) => {
  const text = renderProgram({ ...MADE, maxAbsDiff }, { columns: 80, paint: PLAIN, verbose: false })
  expect(text.split('\n')[1]).toBe(line)
})
