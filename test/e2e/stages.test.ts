import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { HistoryResult, StageResult, WhichResult } from '@art/repo/stage-api.ts'
import { oneRepository, place, work } from './fresh.ts'
import { expectProblem } from './problem.ts'
import { at, dayOf, releasedThrice, stateOf, succeed } from './stages-place.ts'

oneRepository(() => releasedThrice(place))

const holder = async (name: string): Promise<string | null> => (await work.json<WhichResult>('which', name)).version
const agree = () => work.ok('models', '--check', '--strict')

/** One story, each test going on where the one before ended. */
describe('stages and time', () => {
  test('which tells the highest version with the data that it is of', async () => {
    const pointer = readFileSync(work.path('models/resnet_best.pth.art'), 'utf8')
    const found = await work.json<WhichResult>('which', 'resnet')
    expect(found).toMatchObject({
      name: 'resnet',
      version: '3.0.0',
      commit: await work.git('rev-parse', 'resnet@v3.0.0^{commit}~1'),
      path: 'models/resnet_best.pth',
      tag: 'resnet@v3.0.0',
      since: `${dayOf(3)}T10:00:00Z`,
    })
    expect(pointer).toContain(found.oid!)
    expect((await work.ok('which', '-q', 'resnet@latest')).stdout).toBe('3.0.0\n')
    const inside = await work.json<WhichResult>('-C', work.path('models'), 'which', 'resnet@1.0.0')
    expect(inside).toMatchObject({ version: '1.0.0', path: 'resnet_best.pth' })
  })

  test('stage makes a tag on the version and a commit of the files, in one step', async () => {
    work.write('notes.txt', 'mine')
    await work.git('add', 'notes.txt')
    const { stdout } = await succeed(work, at('2026-11-10T10:00:00Z'), '--json', 'stage', 'resnet@v1.0.0', 'production')
    const result = JSON.parse(stdout) as StageResult
    expect(result).toMatchObject({
      version: '1.0.0',
      from: null,
      to: '1.0.0',
      tags: ['resnet#production#1'],
      files: ['models/registry.json'],
      filesCommit: await work.git('rev-parse', 'HEAD'),
      next: ['git', 'push', '--follow-tags', '--atomic', 'origin', 'main', 'resnet#production#1'],
    })
    expect(await work.git('rev-parse', 'resnet#production#1^{commit}')).toBe(
      await work.git('rev-parse', 'resnet@v1.0.0^{commit}'),
    )
    expect(await work.git('cat-file', '-t', 'resnet#production#1')).toBe('tag')
    expect(readFileSync(work.path('models/registry.json'), 'utf8')).toContain('"production"')
    // What was staged for another commit is not in this one.
    expect(await work.git('status', '--porcelain')).toBe('A  notes.txt')
    await work.commit('notes')
    await agree()
  })

  test('says so where the version has it, and does nothing unless it is forced', async () => {
    const before = await stateOf(work)
    const { stdout } = await work.ok('stage', 'resnet@v1.0.0', 'production')
    expect(stdout).toBe('resnet 1.0.0 has production already; nothing to do\n')
    expect(await stateOf(work)).toBe(before)
    await work.ok('stage', 'resnet@v1.0.0', 'production', '--force', '--no-commit')
    expect(await work.git('tag', '--list', '*#production#*')).toBe('resnet#production#1\nresnet#production#2')
  })

  test('a dry run says what would be, and changes nothing', async () => {
    const before = await stateOf(work)
    const would = await work.json<StageResult>('stage', 'resnet', 'production', '-n')
    expect(would).toMatchObject({ from: '1.0.0', to: '3.0.0', tags: ['resnet#production#3'], dryRun: true })
    expect(would.files).toEqual(['models/registry.json'])
    await work.ok('stage', 'resnet#production', 'staging', '-n')
    expect(await stateOf(work)).toBe(before)
  })

  test('who had it on a day is told for every day', async () => {
    await succeed(work, at('2026-11-12T12:00:00Z'), 'stage', 'resnet@2.0.0', 'production')
    await succeed(work, at('2026-11-14T12:00:00Z'), 'stage', 'resnet', 'production', '--reason', 'trained longer')
    const on = async (when: string) =>
      (await work.json<WhichResult>('which', 'resnet#production', '--at', when)).version
    expect(await on('2026-11-10')).toBe('1.0.0')
    expect(await on('2026-11-12T11:59:59')).toBe('1.0.0')
    expect(await on('2026-11-12T12:00')).toBe('2.0.0')
    expect(await on('2026-11-14T13:59+02:00')).toBe('2.0.0')
    expect(await on('2026-11-14')).toBe('3.0.0')
    expect((await work.json<WhichResult>('which', 'resnet', '--at', dayOf(2))).version).toBe('2.0.0')
    const today = new Date().toISOString().slice(0, 10)
    const now = await work.json<WhichResult>('which', 'resnet', '--at', today)
    expect(Date.parse(now.at!)).toBeLessThanOrEqual(Date.now())
    await expectProblem(work, ['which', 'resnet', '--at', '2026-10-01'], { code: 'NOT_FOUND', hint: /2026-11-01T10/ })
    await expectProblem(work, ['which', 'resnet#production', '--at', dayOf(2)], { code: 'NOT_FOUND', hint: /history/ })
    for (const when of ['yesterday', '2026-02-30', '2999-01-01'])
      await expectProblem(work, ['which', 'resnet', '--at', when], { code: 'USAGE', path: when, exit: 2 })
  })

  test('rollback gives it to who had it before, and goes further back when it is run again', async () => {
    const { stdout } = await succeed(
      work,
      at('2026-11-15T12:00:00Z'),
      'rollback',
      'resnet#production',
      '--reason',
      'slow',
    )
    expect(stdout).toMatch(/^resnet production: 3\.0\.0 → 2\.0\.0\n/)
    expect(await holder('resnet#production')).toBe('2.0.0')
    await agree()
    await succeed(work, at('2026-11-16T12:00:00Z'), 'rollback', 'resnet#production')
    expect(await holder('resnet#production')).toBe('1.0.0')
    const before = await stateOf(work)
    await expectProblem(work, ['rollback', 'resnet#production'], { code: 'NOT_FOUND', path: '1.0.0', hint: /history/ })
    expect(await stateOf(work)).toBe(before)
  })

  test('unstage gives it to who had it before, and with --all to nobody', async () => {
    await work.ok('stage', 'resnet@v2.0.0', 'canary')
    await work.ok('stage', 'resnet', 'canary')
    const { stdout } = await work.ok('unstage', 'resnet#canary')
    expect(stdout).toContain('resnet canary: 3.0.0 → 2.0.0')
    expect(stdout).toContain('2.0.0 had it before')
    const before = await stateOf(work)
    expect((await work.ok('unstage', 'resnet@v3.0.0', 'canary')).stdout).toContain('nothing to do')
    expect(await stateOf(work)).toBe(before)
    await work.ok('stage', 'resnet@v1.0.0', 'canary')
    expect((await work.ok('unstage', 'resnet', 'canary', '--all')).stdout).toContain('1.0.0 → nobody')
    await expectProblem(work, ['which', 'resnet#canary'], { code: 'NOT_FOUND', path: 'resnet#canary' })
    await expectProblem(work, ['unstage', 'resnet#canary'], { code: 'NOT_FOUND' })
    await agree()
  })

  test('history tells all of it, the newest first', async () => {
    const { events, stages, metric } = await work.json<HistoryResult>('history', 'resnet', '--at', '2026-11-20')
    expect(metric).toBe('val_acc')
    expect(stages).toEqual([{ stage: 'production', version: '1.0.0', since: '2026-11-16T12:00:00Z' }])
    expect(events.map(({ kind, version, from, to }) => [kind, version, from, to])).toEqual([
      ['rolled-back', '1.0.0', '2.0.0', '1.0.0'],
      ['rolled-back', '2.0.0', '3.0.0', '2.0.0'],
      ['staged', '3.0.0', '2.0.0', '3.0.0'],
      ['staged', '2.0.0', '1.0.0', '2.0.0'],
      ['staged', '1.0.0', null, '1.0.0'],
      ['released', '3.0.0', undefined, undefined],
      ['released', '2.0.0', undefined, undefined],
      ['released', '1.0.0', undefined, undefined],
    ])
    expect(events[2]).toMatchObject({
      text: 'trained longer',
      by: 'Ada <ada@example.com>',
      date: '2026-11-14T12:00:00Z',
    })
    expect(events.at(-1)).toMatchObject({ path: 'models/resnet_best.pth', metrics: { val_acc: expect.any(Number) } })
    const { stdout } = await work.ok('history', 'resnet')
    expect(stdout).toMatch(
      /2026-11-15 12:00 {2}production 3\.0\.0 → 2\.0\.0, rolled back {2}2\.0\.0 .*Ada\n {18}slow\n/,
    )
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('a stage that is pushed tells what was never sent, without which others cannot know whose it is', async () => {
    const sent = await work.ok('stage', 'resnet@v2.0.0', 'canary', '--push')
    expect(sent.stderr).toMatch(
      /^warning: origin lacks resnet#production#1, .*: `git push origin 'resnet#production#1' /m,
    )
    await work.git('push', '-q', 'origin', '--tags')
    expect((await work.ok('unstage', 'resnet#canary', '--push')).stderr).not.toContain('lacks')
  })
})
