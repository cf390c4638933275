import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import type { HistoryResult, StageResult, WhichResult } from '@art/repo/stage-api.ts'
import { oneRepository, place, work } from './fresh.ts'
import { Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { releasedThrice, stateOf } from './stages-place.ts'

oneRepository(() => releasedThrice(place))

async function requires(text: string): Promise<void> {
  await work.ok('config', 'stages.production.requires', text)
  await work.commit('what production requires')
}

const detailsOf = async (...args: string[]): Promise<string[]> => {
  const { stderr } = await work.art('--json', ...args)
  const { error } = JSON.parse(stderr) as { error: { code: string; details: { message: string }[] } }
  expect(error.code).toBe('RELEASE_REFUSED')
  return error.details.map(({ message }) => message)
}

describe('what a stage requires', () => {
  test('is judged in full, and every reason is told with what was found', async () => {
    await requires('safe, pushed, val_acc >= 0.95, epoch < 10, vall_acc > 0, precision > 0.5')
    const before = await stateOf(work)
    expect(await detailsOf('stage', 'resnet', 'production')).toEqual([
      'val_acc >= 0.95: val_acc is 0.915',
      'epoch < 10: epoch is 41',
      'vall_acc > 0: 3.0.0 has no vall_acc: did you mean val_acc?',
      expect.stringMatching(/^precision > 0\.5: 3\.0\.0 has no precision: it has .*val_acc/),
    ])
    expect(await stateOf(work)).toBe(before)
    const { stderr } = await work.art('stage', 'resnet', 'production')
    expect(stderr).toMatch(/^ {2}val_acc >= 0\.95: val_acc is 0\.915$/m)
    expect(stderr).toMatch(/^hint: .*--force --reason/m)
  })

  test('lets a version through that meets it', async () => {
    await requires('safe, pushed, val_acc >= 0.8, not worse than current')
    const { requirements } = await work.json<StageResult>('stage', 'resnet@v2.0.0', 'production')
    expect(requirements.map(({ met }) => met)).toEqual([true, true, true, true])
    expect(requirements.map(({ actual }) => actual)).toEqual([
      'its verdict is safe',
      'the remote has all of it',
      'val_acc is 0.886',
      'no version has production yet',
    ])
  })

  test('may be to be not worse than, or better than, the one that has it', async () => {
    expect(await detailsOf('stage', 'resnet@v1.0.0', 'production')).toEqual([
      'val_acc >= 0.8: val_acc is 0.786',
      'not worse than current: val_acc is 0.786, 2.0.0 has 0.886, the highest is best',
    ])
    await requires('val_loss better than current')
    expect((await detailsOf('stage', 'resnet@v1.0.0', 'production'))[0]).toMatch(/^val_loss better than current: /)
    await requires('better than current')
    await work.ok('stage', 'resnet', 'production', '-n')
  })

  test('is passed over with a reason alone, which stands in tag and history', async () => {
    const args = ['stage', 'resnet@v1.0.0', 'production', '--force']
    await expectProblem(work, args, { code: 'USAGE', path: '--reason', hint: /better than current/, exit: 2 })
    const forced = await work.json<StageResult>(...args, '--reason', 'hotfix:\n  #12')
    expect(forced).toMatchObject({ forced: 'hotfix: #12', from: '2.0.0', to: '1.0.0' })
    expect(await work.git('tag', '-l', '--format=%(taggername): %(contents:body)', forced.tags[0]!)).toMatch(
      /^Ada: art: 1\nversion: "1\.0\.0"\nforced: "hotfix: #12"/,
    )
    const { events } = await work.json<HistoryResult>('history', 'resnet')
    expect(events[0]).toMatchObject({ kind: 'staged', forced: 'hotfix: #12', by: 'Ada <ada@example.com>' })
    expect((await work.ok('history', 'resnet')).stdout).toContain('forced: hotfix: #12')
  })

  test('is not gone around by a slip, and is not asked of a rollback', async () => {
    const before = await stateOf(work)
    await expectProblem(work, ['stage', 'resnet', 'prodution'], {
      code: 'USAGE',
      path: 'prodution',
      hint: /Did you mean production\?/,
      exit: 2,
    })
    expect(await stateOf(work)).toBe(before)
    await work.ok('rollback', 'resnet#production')
    expect((await work.json<WhichResult>('which', 'resnet#production')).version).toBe('2.0.0')
  })

  test('finds content that is not on the remote, and code that loading it would run', async () => {
    await requires('safe, pushed')
    work.write('models/evil.pth', "cos\nsystem\n(S'true'\ntR.")
    work.write('models.yaml', `${readFileSync(work.path('models.yaml'), 'utf8')}  evil: models/evil.pth\n`)
    await work.ok('add', 'models/evil.pth')
    await work.commit('evil')
    await work.git('tag', '-a', '-m', 'by hand', 'evil@v1.0.0')
    expect(await detailsOf('stage', 'evil', 'production')).toEqual([
      'safe: its verdict is unsafe: it imports os.system',
      expect.stringMatching(/^pushed: the remote does not have it: `art push --rev [0-9a-f]{12} models\/evil\.pth`/),
    ])
    await work.ok('remote', 'modify', 'store', 'url', place.path('nowhere/at/all'))
    expect((await detailsOf('stage', 'evil', 'production'))[1]).toMatch(/^pushed: /)
    await work.ok('remote', 'modify', 'store', 'url', place.path('work-store'))
  })

  test('is an error where it is malformed', async () => {
    const file = work.path('.art/config.yaml')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, before.replace('requires: safe,pushed', 'requires: [safe, "val_acc >= high"]'))
    await expectProblem(work, ['stage', 'resnet', 'production'], { code: 'CONFIG_INVALID', path: 'val_acc >= high' })
    writeFileSync(file, before)
    await work.ok('config', '--unset', 'stages.production.requires')
    await work.commit('anything goes')
  })
})

describe('a stage that cannot be given leaves nothing behind', () => {
  let before: string
  beforeEach(async () => {
    before = await stateOf(work)
  })

  test.each([
    [['stage', 'resnt', 'production'], 'NOT_FOUND', 'resnt', /resnet/, 1],
    [['stage', 'resnet@v9.0.0', 'production'], 'NOT_FOUND', '9.0.0', /3\.0\.0, 2\.0\.0, 1\.0\.0/, 1],
    [['stage', 'resnet', 'pro duction'], 'USAGE', 'pro duction', /letters/, 2],
    [['stage', 'resnet@x', 'production'], 'USAGE', 'x', /v1\.2\.3/, 2],
    [['stage', 'resnet'], 'USAGE', 'resnet', /art stage resnet <stage>/, 2],
    [['unstage', 'resnet'], 'USAGE', 'resnet', /art unstage/, 2],
    [['unstage', 'resnet#prodution'], 'NOT_FOUND', 'prodution', /production/, 1],
    [['rollback', 'resnet'], 'USAGE', 'resnet', /#<stage>/, 2],
    [['history', 'resnet#production'], 'USAGE', 'resnet#production', /art history resnet/, 2],
    [['which', '../x'], 'USAGE', '../x', /letters/, 2],
  ] as const)('art %j', async (args, code, path, hint, exit) => {
    await expectProblem(work, args, { code, path, hint, exit })
    expect(await stateOf(work)).toBe(before)
  })

  test('on no branch, unless there is nothing to commit', async () => {
    await work.git('checkout', '-q', '--detach')
    await expectProblem(work, ['stage', 'resnet', 'qa'], { code: 'USAGE', hint: /git switch.*--no-commit/, exit: 2 })
    expect(await stateOf(work)).toBe(before)
    await work.ok('stage', 'resnet', 'qa', '--no-commit')
    await work.git('tag', '-d', (await work.git('tag', '--list', 'resnet#qa#*')).trim())
    await work.git('switch', '-q', 'main')
  })

  test('where somebody is in the middle of changing the files that tell of it', async () => {
    const file = work.path('models/registry.json')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('resnet', 'resnet '))
    const dirty = await stateOf(work)
    await expectProblem(work, ['stage', 'resnet', 'qa'], { code: 'WOULD_OVERWRITE', path: 'registry.json' })
    expect(await stateOf(work)).toBe(dirty)
    writeFileSync(file, text)
  })

  test('where the git remote refuses it, or has moved on', async () => {
    const hook = place.write('work.git/hooks/pre-receive', '#!/bin/sh\necho "main is protected" >&2\nexit 1\n')
    chmodSync(hook, 0o755)
    const there = await work.git('ls-remote', 'origin')
    await expectProblem(work, ['stage', 'resnet', 'qa', '--push'], { code: 'GIT', path: 'origin', hint: /--no-commit/ })
    expect(await stateOf(work)).toBe(before)
    expect(await work.git('ls-remote', 'origin')).toBe(there)
    writeFileSync(hook, '#!/bin/sh\nexit 0\n')
    await work.git('push', '-q', 'origin', 'main', '--tags')
    const other = await place.clone(place.path('work.git'), 'other')
    await other.ok('stage', 'resnet@v1.0.0', 'qa', '--push')
    await expectProblem(work, ['stage', 'resnet', 'qa', '--push'], {
      code: 'TAG_EXISTS',
      hint: /git (?:fetch|pull) --tags/,
    })
    expect(await stateOf(work)).toBe(before)
    await work.git('pull', '-q', '--tags', 'origin', 'main')
    await work.ok('stage', 'resnet', 'qa', '--push')
    await work.git('init', '-q', '--bare', place.path('second.git'))
    await work.git('remote', 'add', 'second', place.path('second.git'))
    const sent = async (...args: string[]) => (await work.json<StageResult>(...args, '--push', 'second')).pushed
    const second = { remote: 'second', branch: 'main' }
    await expectProblem(work, ['stage', 'resnet#qa', '--push', 'second'], { code: 'USAGE', path: 'second', exit: 2 })
    await expectProblem(work, ['stage', 'resnet', 'beta', 'second'], { code: 'USAGE', hint: /--push/, exit: 2 })
    expect(await sent('stage', 'resnet@v1.0.0', 'beta')).toEqual(second)
    expect(await sent('stage', 'resnet', 'beta')).toEqual(second)
    expect(await sent('rollback', 'resnet#beta')).toEqual(second)
    expect(await sent('unstage', 'resnet#beta')).toEqual(second)
    expect(await sent('unstage', 'resnet', 'qa')).toEqual(second)
    expect(await work.git('ls-remote', '--tags', 'second', 'resnet#qa!*')).toMatch(/resnet#qa!#\d+$/m)
    await work.git('remote', 'remove', 'second')
    await other.git('pull', '-q', '--tags', 'origin', 'main')
    expect((await other.json<WhichResult>('which', 'resnet#qa')).version).toBe('3.0.0')
    await other.ok('models', '--check', '--strict')
  })

  test('in a clone without tags, and in a shallow one', async () => {
    const url = `file://${place.path('work.git')}`
    await place.run('git', ['clone', '-q', '--no-tags', url, place.path('tagless')])
    const tagless = new Work(place, place.path('tagless'))
    await expectProblem(tagless, ['which', 'resnet'], { code: 'NOT_FOUND', hint: /git fetch --tags/ })
    await place.run('git', ['clone', '-q', '--depth', '1', url, place.path('shallow')])
    const shallow = new Work(place, place.path('shallow'))
    await shallow.git('fetch', '-q', '--tags', '--depth', '1')
    expect((await shallow.json<WhichResult>('which', 'resnet@v1.0.0')).path).toBe('models/resnet_best.pth')
    await expectProblem(shallow, ['stage', 'resnet', 'ring'], { code: 'GIT', hint: /git fetch --unshallow --tags/ })
  })
})

test('tags that mean nothing, or nothing good, harm nobody', async () => {
  const names = [
    'resnet@v1',
    'resnet#',
    'resnet#production',
    'v1.0.0',
    'resnet@v1.0.0-',
    '__proto__@v1.0.0',
    'resnet@vv9.0.0',
  ]
  for (const name of names) await work.git('tag', '-f', name, 'HEAD')
  for (const name of ['constructor@v1.0.0', 'toString#hasOwnProperty#1', 'resnet#valueOf#99'])
    await work.git('tag', '-a', '-m', 'x', name, 'HEAD')
  await work.git('tag', '-a', '-m', 'art: 1\npath: ../../etc/passwd\noid: sha256:x', 'escape@v1.0.0', 'HEAD')
  expect((await work.json<WhichResult>('which', 'resnet')).version).toBe('3.0.0')
  expect(await work.json<WhichResult>('which', 'constructor')).toMatchObject({
    version: '1.0.0',
    oid: null,
    path: null,
  })
  expect(await work.json<WhichResult>('which', 'escape')).toMatchObject({ oid: null, path: null })
  const at = await work.json<WhichResult>('which', 'toString#hasOwnProperty')
  expect(at).toMatchObject({ version: null, tag: 'toString#hasOwnProperty#1' })
  await work.ok('history', 'toString')
  expect((await work.json<StageResult>('stage', 'resnet', 'hasOwnProperty')).tags).toEqual([
    'resnet#hasOwnProperty#100',
  ])
})

test('where a tag has the last number that can be counted, no tag is made that nobody could read', async () => {
  await work.git('tag', '-a', '-m', 'x', 'resnet#canary#999999999999999', 'resnet@v1.0.0^{}')
  const before = await stateOf(work)
  await expectProblem(work, ['stage', 'resnet', 'canary'], { code: 'UNSUPPORTED', path: 'resnet', hint: /fifteen/ })
  expect(await stateOf(work)).toBe(before)
  await work.git('tag', '-d', 'resnet#canary#999999999999999')
})

test('where a command was killed before the working tree followed, whatever is asked next brings it along', async () => {
  for (const again of [
    ['stage', 'resnet@v2.0.0', 'ring'],
    ['unstage', 'resnet@v1.0.0', 'ring'],
    ['models', '--fix'],
  ]) {
    await work.ok('stage', 'resnet@v1.0.0', 'ring')
    const before = await work.git('rev-parse', 'HEAD')
    await work.ok('stage', 'resnet@v2.0.0', 'ring')
    // As it is when nothing ran behind the transaction of references.
    await work.git('restore', '--source', before, '--staged', '--worktree', 'models', 'MODELS.md')
    expect(await work.git('status', '--porcelain')).not.toBe('')
    await work.ok(...again)
    expect(await work.git('status', '--porcelain'), again.join(' ')).toBe('')
    await work.ok('models', '--check')
  }
})
