import { expect, it } from 'vitest'
import type { PulledWeights, PullWeightsResult } from '@art/repo/model-api.ts'
import { PLAIN } from './color.ts'
import { renderExport, renderPulledWeights } from './weights.ts'

const PIPE = { columns: undefined, paint: PLAIN, verbose: false }
const weights = `sha256:${'ab'.repeat(32)}`
const one: PulledWeights = {
  artifact: 'm/resnet.pth',
  path: 'm/res net.safetensors',
  state: 'written',
  size: 44_700_000,
  tensors: 62,
  parameters: 11_181_642,
  weights,
  verified: true,
  ignored: false,
}
const NOTHING: PullWeightsResult = {
  remote: 'origin',
  artifacts: 1,
  files: 1,
  bytes: { logical: 134_000_000, new: 45e6, transferred: 38e6, stored: 45e6 },
  failed: [],
  weights: [],
  skipped: [],
  checkout: { added: [], modified: [], removed: [], unchanged: [], files: 0, bytes: 0, failed: [] },
}

it('an export is told with its digest, and that git would take it', () => {
  const { artifact: _, verified: __, ...written } = one
  const result = { ...written, source: 'resnet.pth', from: 'pytorch', format: 'safetensors', transferred: 0 } as const
  expect(renderExport(result, PIPE).split('\n')).toEqual([
    'written  m/res net.safetensors  44.7 MB  62 tensors, 11,181,642 parameters',
    `weights ${weights}`,
    '',
    'git does not ignore it: track it too, or leave it out of commits',
    "  art add 'm/res net.safetensors'",
  ])
  expect(renderExport({ ...result, ignored: true }, PIPE)).not.toContain('git')
  expect(renderExport({ ...result, state: 'unchanged' }, PIPE)).not.toContain('git')
  expect(renderExport({ ...result, transferred: 5e6 }, PIPE)).toContain('received 5.00 MB')
})

it('weights that were pulled are told with what travelled for them', () => {
  const text = renderPulledWeights({ ...NOTHING, weights: [one, { ...one, path: 'b.safetensors' }] }, 1200, PIPE)
  expect(text.split('\n')).toContain('of 1 model, 134 MB: received 38.0 MB in 1.2 s')
  expect(text.split('\n').at(-1)).toBe("  art add 'm/res net.safetensors' b.safetensors")
  const here = { ...NOTHING, bytes: { ...NOTHING.bytes, transferred: 0 }, weights: [one] }
  expect(renderPulledWeights(here, 1, PIPE)).toContain('all of it was on this machine')
})

it('it is said why nothing came', () => {
  expect(renderPulledWeights({ ...NOTHING, artifacts: 0 }, 1, PIPE)).toBe('no model is tracked')
  expect(renderPulledWeights({ ...NOTHING, artifacts: 0, skipped: ['a'] }, 1, PIPE)).toBe('no model is among them')
  expect(renderPulledWeights({ ...NOTHING, would: [] }, 1, PIPE)).toBe('nothing would travel')
  const would = [{ path: 'a\u001b.safetensors', size: 5 }]
  expect(renderPulledWeights({ ...NOTHING, would }, 1, PIPE).split('\n')).toEqual([
    'a\\e.safetensors  5 B',
    'would write 1 file from origin',
  ])
  const failed = [{ path: 'a', code: 'MISSING_OBJECTS' as const, message: '' }]
  expect(renderPulledWeights({ ...NOTHING, failed }, 1, PIPE)).toBe('')
})

it('a name from a pointer cannot command the terminal', () => {
  const evil = { ...one, path: '\u001b[2J\u202e.safetensors' }
  expect(renderPulledWeights({ ...NOTHING, weights: [evil] }, 1, PIPE)).not.toMatch(/[\u001b\u202e]/)
})
