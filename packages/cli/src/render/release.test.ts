import { expect, test } from 'vitest'
import type { ReleaseResult } from '@art/repo/registry-api.ts'
import { COLOURED, PLAIN } from './color.ts'
import { renderRelease } from './release.ts'

const VIEW = { columns: undefined, paint: PLAIN, verbose: false }

function result(more: Partial<ReleaseResult> = {}): ReleaseResult {
  return {
    model: 'resnet',
    path: 'models/resnet_best.pth',
    assumed: false,
    version: '1.2.0',
    from: '1.1.0',
    bump: 'minor',
    why: ['the configuration changed: lr 0.1 → 0.05'],
    notes: [],
    tag: 'resnet@v1.2.0',
    oid: '5f70bf18a086'.padEnd(64, '0'),
    size: 46_830_571,
    parameters: 11_689_512,
    metrics: [{ name: 'val_acc', before: 0.902, after: 0.915, deciding: 'highest' }],
    files: [
      { path: 'MODELS.md', state: 'modified' },
      { path: 'models/resnet_v1.2.0_metadata.yaml', state: 'added' },
    ],
    gitCommit: 'a'.repeat(40),
    commit: '3c1d09b2aa'.padEnd(40, '0'),
    branch: 'main',
    pushed: null,
    dryRun: false,
    left: [],
    next: ['git', 'push', '--atomic', 'origin', 'main', 'resnet@v1.2.0'],
    ...more,
  }
}

test('a release', () => {
  expect(renderRelease(result(), VIEW)).toBe(`resnet 1.1.0 → 1.2.0
  because  the configuration changed: lr 0.1 → 0.05
  model    models/resnet_best.pth, 46.8 MB, 11.7M parameters, 5f70bf18a086
  metrics  val_acc 0.902 → 0.915
  on main  ~ MODELS.md
           + models/resnet_v1.2.0_metadata.yaml
  tag      resnet@v1.2.0 on 3c1d09b2aa
next: git push --atomic origin main resnet@v1.2.0`)
})

test('one that is sent, and a dry run', () => {
  const sent = renderRelease(result({ pushed: { remote: 'origin', branch: 'main' }, next: null }), VIEW)
  expect(sent).toContain('  sent to  origin: main and resnet@v1.2.0')
  expect(sent).not.toContain('next:')
  const dry = renderRelease(result({ dryRun: true, commit: null }), VIEW)
  expect(dry).toMatch(/^resnet 1\.1\.0 → 1\.2\.0 {2}not made: a dry run$/m)
  expect(dry).not.toContain('next:')
})

test('the metric that counts is green where it is better, by its own direction', () => {
  const coloured = (metric: ReleaseResult['metrics'][number]): string =>
    renderRelease(result({ metrics: [metric] }), { ...VIEW, paint: COLOURED })
  expect(coloured({ name: 'loss', before: 0.5, after: 0.4, deciding: 'lowest' })).toContain('\u001b[32m0.4')
  expect(coloured({ name: 'acc', before: 0.5, after: 0.4, deciding: 'highest' })).toContain('\u001b[31m0.4')
  expect(coloured({ name: 'other', before: 0.5, after: 0.4 })).not.toMatch(/\u001b\[3[12]m0\.4/)
})

test('many metrics are cut, and -v lists all', () => {
  const metrics = Array.from({ length: 9 }, (_, at) => ({ name: `m${at}`, after: at }))
  expect(renderRelease(result({ metrics }), VIEW)).toContain('and 4 more: -v lists all')
  expect(renderRelease(result({ metrics }), { ...VIEW, verbose: true })).toContain('m8 8')
})

test('nothing that a stranger wrote reaches the terminal as it is', () => {
  const evil = 'x\u001b[2J\u202e'
  const text = renderRelease(
    result({
      path: evil,
      why: [evil],
      notes: [evil],
      metrics: [{ name: evil, before: evil, after: evil }],
      files: [{ path: evil, state: 'added' }],
      branch: evil,
      pushed: { remote: evil, branch: evil },
      left: [evil],
    }),
    VIEW,
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  expect(renderRelease(result({ next: ['git', 'push', evil, '$(reboot)'] }), VIEW)).toContain("'$(reboot)'")
})
