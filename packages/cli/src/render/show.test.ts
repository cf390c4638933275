import { describe, expect, it } from 'vitest'
import type { ShowResult } from '@art/repo/view-api.ts'
import { COLOURED, PLAIN } from './color.ts'
import { renderShow } from './show.ts'
import { displayWidth } from './width.ts'

const PIPE = { columns: undefined, paint: PLAIN, verbose: false }
const NASTY = 'x\u001b[2J\u202e\n'

const tensor = (name: string, more = {}) => ({
  name,
  weight: name,
  dtype: 'float32',
  shape: [2, 3],
  bytes: 24,
  ...more,
})

const MODEL: ShowResult = {
  name: 'models/x.pth',
  size: 2_000_000,
  here: true,
  from: 'file',
  format: 'pytorch',
  parameters: 6,
  weights: `sha256:${'0c1f'.repeat(16)}`,
  tensors: [tensor('fc.weight')],
  metadata: { version: 3 },
  epoch: 41,
  resumeEpoch: 42,
  metrics: { val_acc: 0.915 },
  config: { lr: 0.0001, betas: [0.9, 0.999] },
  optimizers: [],
  imports: [],
  unsafe: [],
  scan: 'safe',
  layers: [],
  shared: [],
  dtypes: [{ name: 'float32', tensors: 1, bytes: 24 }],
  devices: [{ name: 'cuda:1', tensors: 1, bytes: 24 }],
  weightBytes: 24,
  otherBytes: 0,
  leftOut: [],
  notes: [],
}

describe('the screen of a model', () => {
  it('has the figures first and the tensors last', () => {
    expect(renderShow(MODEL, PIPE).split('\n')).toEqual([
      'models/x.pth  pytorch, 2.00 MB',
      '  parameters   6 in 1 tensor, 24 B of float32',
      '  weights      sha256:0c1f0c1f0c1f0c1f…',
      '  epoch        41, go on with epoch 42',
      '  metrics      val_acc 0.915',
      '  config       lr 0.0001, betas [0.9, 0.999]',
      '  saved from   cuda:1',
      '',
      'tensors    dtype    shape   size',
      'fc.weight  float32  [2, 3]  24 B',
    ])
  })

  it('says where it is from when the content is not here, and warns of what is dangerous', () => {
    const text = renderShow(
      {
        ...MODEL,
        here: false,
        bring: 'art pull models/x.pth',
        from: 'pointer',
        tensors: [],
        weightBytes: null,
        scan: 'unsafe',
        unsafe: ['os.system'],
      },
      { ...PIPE, paint: COLOURED },
    )
    expect(text).toContain('not on this machine: this is from its pointer; `art pull models/x.pth` brings it')
    expect(text).toContain('\u001b[31mloading it can run os.system')
  })

  it('does not say of a folder that is here, and has no model at its top, that it is not', () => {
    const text = renderShow({ ...MODEL, here: true, from: 'pointer', tensors: [], weightBytes: null }, PIPE)
    expect(text).toContain('no one model at the top of this folder: this is from its pointer')
    expect(text).not.toContain('not on this machine')
  })

  it('cuts many tensors and lists, and -v lists all, those of the optimizer too', () => {
    const many: ShowResult = {
      ...MODEL,
      tensors: [
        ...Array.from({ length: 40 }, (_, i) => tensor(`layer${i}.weight`)),
        tensor('optimizer.state.0.exp_avg', { weight: undefined }),
      ],
      config: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, i])),
    }
    const text = renderShow(many, PIPE)
    expect(text).toContain('and 20 more tensors, 1 tensor beside the weights: -v lists all')
    expect(text).toContain('key7 7, 12 more')
    expect(text).not.toContain('exp_avg')
    const all = renderShow(many, { ...PIPE, verbose: true })
    expect(all).toContain('optimizer.state.0.exp_avg')
    expect(all).toContain('key19 19')
    expect(all).toContain(MODEL.weights)
  })

  it('fits 80 columns with statistics, and never breaks between a name and its value', () => {
    const statistics = { mean: -0.00123456, std: 1.23456, min: -12345.6, max: 'inf', nan: 12, infinite: 1 }
    const config = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`a_setting_${i}`, `value-${i}`]))
    const name = 'model.encoder.layers.11.self_attention.in_proj_weight'
    const long: ShowResult = { ...MODEL, config, tensors: [tensor(name, { statistics, shape: [1024, 3, 7, 7] })] }
    const lines = renderShow(long, { ...PIPE, columns: 80 }).split('\n')
    for (const line of lines) expect(displayWidth(line), line).toBeLessThanOrEqual(80)
    for (const line of lines) expect(line).not.toMatch(/a_setting_\d$/)
    expect(lines.at(-1)).toMatch(/-0\.00123 +1\.23 +-12300 +inf +12$/)
  })

  it('has dtype, size and sha256 beside the statistics where there is room, and all of it with -v', () => {
    const statistics = { mean: 0.00000656, std: 1, min: -1, max: 1, nan: 0, infinite: 0 }
    const name = 'encoder.layers.11.attention.weight'
    const sha256 = '0c1f'.repeat(16)
    const model = { ...MODEL, tensors: [tensor(name, { statistics, sha256 })] }
    const last = (view: object, at = -1) =>
      renderShow(model, { ...PIPE, ...view })
        .split('\n')
        .at(at)
    expect(last({ columns: 120 })).toMatch(/float32 +\[2, 3\] +24 B +6\.56e-6 +1 +-1 +1 +0 +0c1f0c1f0c$/)
    expect(last({ columns: 80 })).toMatch(/^encoder\.layers\.11\.attention\.weight +\[2, 3\] .* 0$/)
    expect(last({ columns: 50 })).toMatch(/^ +\[2, 3\] +6\.56e-6 +1 +-1 +1 +0$/)
    expect(last({ columns: 50 }, -2)).toBe(name)
    expect(last({ columns: 50, verbose: true })).toMatch(new RegExp(`^${name} .* 24 B .* ${sha256}$`))
  })

  it('says that it is of what lies here, where that is not what the pointer says', () => {
    const text = renderShow({ ...MODEL, name: 'models/x/', path: 'models/x', differs: true }, PIPE)
    expect(text).toContain('content      not what its pointer says: this is of what lies here; `art show models/x.art`')
  })

  it('prints no control character of a file, wherever it stands', () => {
    const port = { name: NASTY, dtype: NASTY, shape: [NASTY] }
    const optimizer = {
      path: NASTY,
      kind: NASTY,
      groups: 1,
      lr: [NASTY],
      settings: { [NASTY]: NASTY },
      tensors: 0,
      bytes: 0,
    }
    const share = [
      { name: NASTY, tensors: 1, bytes: 1, parameters: 1 },
      { name: `${NASTY}2`, tensors: 1, bytes: 1, parameters: 1 },
    ]
    const text = renderShow(
      {
        ...MODEL,
        name: NASTY,
        producer: { name: NASTY, version: NASTY },
        tensors: [tensor(NASTY, { dtype: NASTY })],
        metadata: { [NASTY]: NASTY },
        metrics: { [NASTY]: NASTY },
        config: { [NASTY]: [NASTY] },
        torch: NASTY,
        optimizers: [optimizer, optimizer],
        unsafe: [NASTY],
        scan: 'unsafe',
        layers: share,
        shared: [[NASTY, NASTY]],
        dtypes: share,
        devices: share,
        graph: { inputs: [port], outputs: [port], operators: { [NASTY]: 1 }, nodes: 1 },
        leftOut: [NASTY],
        notes: [NASTY],
      },
      { ...PIPE, verbose: true },
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    expect(text).toContain('x\\e[2J\\u{202e}\\n')
  })
})
