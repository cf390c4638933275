import { describe, expect, it } from 'vitest'
import { parsePlainYaml, type YamlMap } from '@art/core/yaml/plain.ts'
import { checkpointOf, isCurrent, READER } from './read-block.ts'

const block = (text: string): YamlMap => parsePlainYaml(text)!

describe('the checkpoint block of a pointer', () => {
  it('is told in figures, metrics apart from what every model has', () => {
    const text = `format: pytorch
scan: unsafe
unsafe_imports: [posix.system]
parameters: 4
weights: sha256:${'a'.repeat(64)}
epoch: 41
torch_installed: 2.9.0+cpu
val_acc: 0.915
worst: nan
config:
  lr: 1.0e-4
  clip: .inf
  betas: [0.9, 0.999]
left_out: [config.api_key]
`
    expect(checkpointOf(block(text))).toEqual({
      format: 'pytorch',
      scan: 'unsafe',
      unsafeImports: ['posix.system'],
      parameters: 4,
      weights: `sha256:${'a'.repeat(64)}`,
      epoch: 41,
      torchInstalled: '2.9.0+cpu',
      metrics: { val_acc: 0.915, worst: 'nan' },
      config: { lr: 0.0001, clip: 'inf', betas: [0.9, 0.999] },
      leftOut: ['config.api_key'],
    })
  })

  it('is read as far as it makes sense, since people may edit it', () => {
    const edited: YamlMap = new Map<string, YamlMap | string | number | null>([
      ['format', 3],
      ['parameters', -1],
      ['weights', 'sha256:no'],
      ['epoch', Number.NaN],
      ['note', 'mine'],
      ['scan', 'safe'],
      ['left_out', null],
      [
        'config',
        new Map<string, null | YamlMap>([
          ['x', null],
          ['y', new Map()],
        ]),
      ],
    ])
    expect(checkpointOf(edited)).toEqual({ metrics: {}, config: {} })
    expect(checkpointOf(new Map<string, string>([['config', 'lr']]))).toEqual({ metrics: {}, config: {} })
  })

  it('is read up to what art writes, and says how much more there is', () => {
    const metrics = Array.from({ length: 100 }, (_, i) => `m${i}: ${i}\n`).join('')
    const many = checkpointOf(block(`${metrics}config:\n  lr: 1\nleft_out: [x]\n`))
    expect(Object.keys(many.metrics)).toHaveLength(64)
    expect(many).toMatchObject({ config: {}, leftOut: ['x', '37 more'] })
    const long = checkpointOf(block(`loss: 1\nconfig:\n  a: ${'x'.repeat(5000)}\n  lr: 2\n`))
    expect(long).toEqual({ metrics: { loss: 1 }, config: { lr: 2 }, leftOut: ['1 more'] })
  })

  it('is current unless an older reader wrote it', () => {
    expect(isCurrent(undefined)).toBe(false)
    expect(isCurrent(block('format: pytorch\n'))).toBe(READER === 1)
    expect(isCurrent(block('reader: 0\n'))).toBe(false)
    expect(isCurrent(block(`reader: ${READER + 1}\n`))).toBe(true)
  })
})
