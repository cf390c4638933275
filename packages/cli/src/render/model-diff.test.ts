import { describe, expect, it } from 'vitest'
import type { ModelDifference } from '@art/repo/view-api.ts'
import { PLAIN } from './color.ts'
import { renderDiff } from './diff.ts'
import { renderModelDiff, renderModels } from './model-diff.ts'
import { displayWidth } from './width.ts'

const PIPE = { columns: undefined, paint: PLAIN, verbose: false }
const side = (shape: number[], dtype = 'float32') => ({ shape, dtype, bytes: 4 })
const DIFFERENCE: ModelDifference = {
  judgement: '60 of 62 equal: head fine-tune',
  same: false,
  equal: 60,
  tensors: [
    {
      kind: 'changed',
      name: 'fc.weight',
      before: side([10, 4]),
      after: side([10, 4]),
      distance: { relativeL2: 0.30312, maxDelta: 0.070381, cosine: 0.98712, skipped: 0 },
    },
    { kind: 'reshaped', name: 'fc.bias', before: side([10]), after: side([12], 'float16') },
    { kind: 'renamed', name: 'b', from: 'a', after: side([1]) },
    { kind: 'removed', name: 'lm_head.weight', before: side([2]), sameAs: 'embed.weight' },
  ],
  prefix: { before: '', after: '' },
  facts: [
    { name: 'val_acc', before: 0.786, after: 0.915 },
    { name: 'config.lr', after: 1e-4 },
  ],
  from: { before: 'file', after: 'file' },
}

describe('what changed in a model', () => {
  it('begins with the judgement, then figures, then tensors with how far', () => {
    expect(renderModelDiff(DIFFERENCE, PIPE)).toEqual([
      '   60 of 62 equal: head fine-tune',
      '     val_acc 0.786 → 0.915',
      '     new: config.lr 0.0001',
      '      tensor          shape                          relative L2  max |Δ|  cosine',
      '   ~  fc.weight       [10, 4]                             30.3 %  0.07038  0.9871',
      '   !  fc.bias         [10] → [12] float32 → float16',
      '   R  a → b           [1]',
      '   -  lm_head.weight  [2] = embed.weight',
    ])
  })

  it('fits a terminal, cuts long lists, and escapes what is from files', () => {
    const nasty = 'x\u001b[2J'
    const tensors = Array.from({ length: 50 }, (_, i) => ({
      ...DIFFERENCE.tensors[0]!,
      name: `${nasty}${'long.'.repeat(12)}${i}`,
    }))
    const long = { ...DIFFERENCE, judgement: nasty, tensors, facts: [{ name: nasty, before: nasty, after: [nasty] }] }
    const lines = renderModelDiff(long, { ...PIPE, columns: 80 })
    for (const line of lines) expect(displayWidth(line), line).toBeLessThanOrEqual(80)
    expect(lines.join('')).not.toContain('\u001b')
    expect(lines.at(-1)).toBe('   and 30 more tensors: -v lists all')
    expect(renderModelDiff(long, { ...PIPE, verbose: true }).length).toBeGreaterThan(50)
  })

  it('tells figures that one side lacks in one go, numbers that are none, and a conversion of all once', () => {
    const facts = [
      ...['epoch', 'val_acc'].map((name) => ({ name, before: 5 })),
      { name: 'config.schedule', before: 'cosine annealing' },
      { name: 'step', after: 40 },
    ]
    const converted = {
      ...DIFFERENCE.tensors[0]!,
      after: side([10, 4], 'bfloat16'),
      distance: { relativeL2: 0.0016, maxDelta: 0.0000333912, cosine: 1, skipped: 1200 },
    }
    const judgement = '2 of 3 equal: fc changed, float32 → bfloat16'
    const lines = renderModelDiff({ ...DIFFERENCE, judgement, tensors: [converted], facts }, { ...PIPE, columns: 60 })
    expect(lines.slice(0, 4)).toEqual([
      `   ${judgement}`,
      '     no longer told: epoch 5, val_acc 5,',
      '     config.schedule cosine annealing',
      '     new: step 40',
    ])
    expect(lines[4]).toMatch(/cosine {2}not finite$/)
    expect(lines[5]).toMatch(/^ {3}~ .* \[10, 4\] +0\.16 % +3\.339e-5 +1 +1,200$/)
  })

  it('says of what was named that it is not what its pointer says; and -v cuts no name', () => {
    const name = 'long.'.repeat(30)
    const model = { ...DIFFERENCE, tensors: [{ ...DIFFERENCE.tensors[0]!, name }], differs: ['x.pth'] }
    const [, note, judgement] = renderModels('HEAD:x.pth', 'x.pth', model, PIPE).split('\n')
    expect(note).toMatch(/^ {3}x\.pth is compared as it lies here, which is not what its pointer says/)
    expect(judgement).toContain('head fine-tune')
    const narrow = { ...PIPE, columns: 60 }
    expect(renderModels('a', 'b', model, narrow)).not.toContain(name)
    expect(renderModels('a', 'b', model, { ...narrow, verbose: true })).toContain(name)
  })

  it('stands below the artifact in the list of all: figures of pointers, or all of it', () => {
    const { facts } = DIFFERENCE
    const artifact = { path: 'x.pth', state: 'modified' as const, size: 5, previousSize: 5 }
    const text = (more: object) =>
      renderDiff({ from: 'HEAD', to: 'workspace', artifacts: [{ ...artifact, ...more }] }, PIPE)
    expect(text({ facts })).toBe(
      'M  x.pth  5 B\n   val_acc 0.786 → 0.915, config.lr none → 0.0001\n1 modified (HEAD → workspace)',
    )
    expect(text({ facts: [], sameWeights: true })).toContain('\n   same weights\n')
    expect(text({ model: DIFFERENCE })).toContain('\n   60 of 62 equal: head fine-tune\n')
  })
})
