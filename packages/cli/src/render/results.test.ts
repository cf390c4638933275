import { describe, expect, it } from 'vitest'
import { renderAdd } from './add.ts'
import { renderCheckout } from './checkout.ts'
import { COLOURED, PLAIN } from './color.ts'
import { renderDiff } from './diff.ts'
import { formatParameters } from './model.ts'
import { renderProbe } from './probe.ts'
import { renderStatus } from './status.ts'
import { renderTransfer } from './transfer.ts'
import { displayWidth } from './width.ts'

const PIPE = { columns: undefined, paint: PLAIN, verbose: false }
const oid = '5f70bf18a0860070'.repeat(4)

describe('add', () => {
  const added = [
    { path: 'models/it\u001b[31m.pth', pointer: 'models/x.art', oid, size: 46_830_571, state: 'added' as const },
    { path: 'data', pointer: 'data.art', oid, size: 1e9, files: 100_000, state: 'unchanged' as const },
  ]

  it('is a table and the line for git', () => {
    const text = renderAdd({ added, failed: [], gitPaths: ["it's.art", '.gitignore'], staged: false }, PIPE)
    expect(text.split('\n')).toEqual([
      'added      models/it\\e[31m.pth  46.8 MB                 5f70bf18a0',
      'unchanged  data                 1.00 GB  100,000 files  5f70bf18a0',
      '',
      'next, for git:',
      "  git add 'it'\\''s.art' .gitignore",
    ])
  })

  describe('of models', () => {
    const model = (path: string, epoch: number, metrics: Record<string, number | string>) => ({
      path,
      pointer: `${path}.art`,
      oid,
      size: 46_830_571,
      state: 'added' as const,
      checkpoint: { parameters: 11_689_512, epoch, metrics, config: {} },
    })
    const result = (paths: string[]) => ({
      added: paths.map((path, at) => model(path, at, { val_acc: 0.9153846153846154, 'val\u001bloss': 'nan' })),
      failed: [],
      gitPaths: [],
      staged: false,
    })
    const narrow = { columns: 80, paint: COLOURED, verbose: false }

    it('tells parameters, epoch and metrics', () => {
      expect(renderAdd(result(['m.pth']), PIPE)).toBe(
        'added  m.pth  46.8 MB  11.7M params  epoch 0  val_acc 0.915385  val\\eloss nan  5f70bf18a0',
      )
      const bare = { ...model('x.onnx', 0, {}), checkpoint: { metrics: { acc: 1 }, config: {} } }
      expect(renderAdd({ ...result([]), added: [bare] }, PIPE)).toBe('added  x.onnx  46.8 MB  acc 1  5f70bf18a0')
    })

    it('fits 80 columns, with fewer figures for longer paths', () => {
      for (const path of ['m.pth', 'models/epoch_12.pth', `models/${'long/'.repeat(30)}x.pth`]) {
        const [row] = renderAdd(result([path]), narrow).split('\n')
        expect(displayWidth(row as string)).toBeLessThanOrEqual(80)
        expect(row).toContain('epoch 0')
      }
      expect(renderAdd(result(['m.pth']), narrow)).toContain('val_acc')
    })

    it.each([
      [0, '0'],
      [999, '999'],
      [19_354, '19.4k'],
      [999_600, '1.00M'],
      [7_241_732_096, '7.24B'],
      [1.5e15, '1500T'],
    ])('counts %d as %s', (count, text) => {
      expect(formatParameters(count)).toBe(text)
    })
  })

  it('has no such line where autostage or a dry run makes it wrong', () => {
    const result = { added, failed: [], gitPaths: ['x.art'], staged: true }
    expect(renderAdd(result, PIPE)).not.toContain('git add')
    expect(renderAdd({ ...result, staged: false }, PIPE, { dryRun: true })).not.toContain('git add')
    expect(renderAdd({ added: [], failed: [], gitPaths: [], staged: false }, PIPE)).toContain('nothing to add')
  })
})

describe('status', () => {
  const ok = { path: 'a.pth', pointer: 'a.pth.art', state: 'ok' as const, size: 5 }
  const modified = {
    path: 'd',
    pointer: 'd.art',
    state: 'modified' as const,
    size: 9,
    files: 3,
    changes: { added: 2, modified: 1, removed: 0 },
  }

  it('says in one line that all is well, and of what it knows', () => {
    const line = renderStatus({ clean: true, artifacts: [ok], failed: [] }, PIPE)
    expect(line).toBe('1 artifact, 5 B: workspace and cache have what the pointers name')
    expect(renderStatus({ clean: true, artifacts: [{ ...ok, cloud: 'ok' }], failed: [] }, PIPE)).toContain('remote')
    expect(renderStatus({ clean: true, artifacts: [], failed: [] }, PIPE)).toContain('art add')
  })

  it('lists what is off, with counts inside directories and what to do', () => {
    const lines = renderStatus({ clean: false, artifacts: [ok, modified], failed: [] }, PIPE).split('\n')
    expect(lines[0]).toBe('modified  d  9 B  3 files  +2 ~1')
    expect(lines[1]).toBe('1 more is ok')
    expect(lines[2]).toContain('`art add d` keeps it')
  })

  it('fits 80 columns in colour', () => {
    const artifacts = [{ ...modified, path: `data/${'long/'.repeat(40)}x.bin` }]
    const [row] = renderStatus(
      { clean: false, artifacts, failed: [] },
      { columns: 80, paint: COLOURED, verbose: false },
    ).split('\n')
    expect(displayWidth(row as string)).toBeLessThanOrEqual(80)
  })
})

describe('push and fetch', () => {
  const result = {
    remote: 'origin',
    artifacts: 3,
    files: 100_000,
    bytes: { logical: 1e9, new: 12.3e6, transferred: 8.1e6, stored: 8e6 },
    failed: [],
  }

  it('end in one line', () => {
    expect(renderTransfer(result, 'push', 1200, PIPE)).toBe(
      'pushed 3 artifacts, 100,000 files to origin: 12.3 MB new of 1.00 GB, sent 8.10 MB in 1.2 s',
    )
    expect(renderTransfer(result, 'push', 1200, { ...PIPE, columns: 80 }).split('\n')).toEqual([
      'pushed 3 artifacts, 100,000 files to origin:',
      '  12.3 MB new of 1.00 GB, sent 8.10 MB in 1.2 s',
    ])
    const idle = { ...result, bytes: { logical: 1e9, new: 0, transferred: 0, stored: 0 } }
    expect(renderTransfer(idle, 'push', 10, PIPE)).toBe(
      'origin has all of 3 artifacts, 100,000 files, 1.00 GB: nothing new to push',
    )
    expect(renderTransfer(idle, 'fetch', 10, PIPE)).toBe(
      'the cache has all of 3 artifacts, 100,000 files, 1.00 GB: nothing new to fetch',
    )
  })

  it('a failure leaves no claim that all is there', () => {
    const failed = [{ path: 'x', code: 'MISSING_OBJECTS' as const, message: 'is nowhere' }]
    const idle = { ...result, bytes: { logical: 1e9, new: 0, transferred: 0, stored: 0 }, failed }
    expect(renderTransfer(idle, 'push', 10, PIPE)).not.toContain('has all')
    expect(renderTransfer(idle, 'fetch', 10, PIPE)).not.toContain('has all')
  })

  it('a dry run lists what would travel', () => {
    expect(renderTransfer({ ...result, would: [{ path: 'a', size: 1e6 }] }, 'push', 1, PIPE).split('\n')).toEqual([
      'a  1.00 MB',
      'would push to origin: 1 artifact, at most 1.00 MB',
    ])
  })
})

it('checkout names what it did, then counts', () => {
  const result = { added: ['a'], modified: ['b'], removed: ['c'], unchanged: ['d'], files: 2, bytes: 10, failed: [] }
  expect(renderCheckout(result, PIPE).split('\n')).toEqual([
    'A  a',
    'M  b',
    'D  c',
    'checked out: 1 added, 1 modified, 1 removed, 1 unchanged; 2 files, 10 B',
  ])
  expect(renderCheckout(result, PIPE, { summary: true })).toBe(
    'checked out: 1 added, 1 modified, 1 removed, 1 unchanged; 2 files, 10 B',
  )
  const same = { ...result, added: [], modified: [], removed: [] }
  expect(renderCheckout(same, PIPE)).toBe('the workspace already matches: 1 artifact')
})

it('diff is a name-status list; files within directories are cut unless -v', () => {
  const files = Array.from({ length: 12 }, (_, at) => ({ path: `f${at}`, state: 'added' as const, size: 1 }))
  const artifacts = [
    { path: 'm.pth', state: 'modified' as const, size: 2000, previousSize: 1000 },
    { path: 'new', previousPath: 'old', state: 'renamed' as const, size: 5, previousSize: 5 },
    { path: 'd', state: 'modified' as const, size: 12, previousSize: 0, files },
  ]
  const lines = renderDiff({ from: 'HEAD', to: 'workspace', artifacts }, PIPE).split('\n')
  expect(lines[0]).toMatch(/^M +m\.pth +1\.00 kB → 2\.00 kB$/)
  expect(lines[1]).toMatch(/^R +old → new +5 B$/)
  expect(lines).toHaveLength(2 + 1 + 10 + 1 + 1)
  expect(lines.at(-2)).toContain('2 more files')
  expect(lines.at(-1)).toBe('2 modified, 1 renamed (HEAD → workspace)')
  expect(renderDiff({ from: 'HEAD', to: 'workspace', artifacts }, { ...PIPE, verbose: true })).toContain('f11')
  expect(renderDiff({ from: 'a', to: 'b', artifacts: [] }, PIPE)).toBe('no differences (a → b)')
})

it('remote check shows each step and the verdict', () => {
  const probe = {
    name: 'origin',
    url: 's3://b/p',
    steps: [{ name: 'write', ok: false, detail: 'access denied' }],
    ok: false,
    writable: false,
    conditionalPut: false,
    compression: true,
  }
  expect(renderProbe(probe, PIPE).split('\n')).toEqual([
    'failed  write  access denied',
    'origin (s3://b/p) does not work yet: see what failed above',
  ])
})
