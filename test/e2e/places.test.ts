import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place, Work } from './harness.ts'
import { expectProblem, problemsOf } from './problem.ts'
import { noise, treeOf } from './tree.ts'

let place: Place

beforeAll(() => {
  place = new Place()
})
afterAll(() => place.dispose())

const packs = (work: Work): string[] => readdirSync(work.path('.art/cache/packs')).sort()

test('a repository without git does the main job, and asks git nothing', async () => {
  mkdirSync(place.path('plain'))
  const work = new Work(place, place.path('plain'))
  await work.ok('init', '--no-git')
  await work.ok('remote', 'add', '-d', 'origin', '../plain-store')
  work.write('a', 'a')
  work.write('data/x', 'x')
  const noGit = { env: { PATH: '/nonexistent' } }
  const added = await work.artWith(noGit, 'add', 'a', 'data', '--json')
  expect(JSON.parse(added.stdout)).toMatchObject({ added: [{ path: 'a' }, { path: 'data' }], gitPaths: [] })
  for (const args of [['push'], ['status', '-c'], ['check'], ['pull']])
    expect((await work.artWith(noGit, ...args)).code).toBe(0)
  expect(existsSync(work.path('.gitignore'))).toBe(false)
  const before = treeOf(work.folder)
  rmSync(work.path('a'))
  rmSync(work.path('data'), { recursive: true })
  await work.ok('checkout')
  expect(treeOf(work.folder)).toEqual(before)
  await expectProblem(work, ['install'], { code: 'GIT' })
  await expectProblem(work, ['push', '--all-branches'], { code: 'GIT' })
})

test('sub-folders of one git repository are repositories of their own', async () => {
  const top = await place.repository('mono', { art: false })
  mkdirSync(top.path('team-a'))
  mkdirSync(top.path('team-b'))
  const [a, b] = [new Work(place, top.path('team-a')), new Work(place, top.path('team-b'))]
  await expectProblem(a, ['init'], { code: 'USAGE', exit: 2, hint: /--subdir/ })
  for (const work of [a, b]) {
    await work.ok('init', '--subdir')
    await work.ok('remote', 'add', '-d', 'origin', place.path('mono-store'))
    work.write('m', work.folder)
    work.write('models/code.py', 'pass')
    await work.ok('add', 'm')
  }
  await top.commit('both')
  for (const work of [a, b]) await work.ok('push')
  const clone = await place.clone(top.folder, 'mono-clone')
  expect((await new Work(place, clone.path('team-a/models')).ok('status')).stdout).toMatch(/not-in-cache {2}\.\.\/m/)
  await new Work(place, clone.path('team-b')).ok('pull')
  expect(existsSync(clone.path('team-a/m'))).toBe(false)
  expect(treeOf(clone.path('team-b'))).toEqual(treeOf(b.folder))
})

test('git worktrees share one cache: what one adds the other checks out', async () => {
  const main = await place.repository('main')
  main.write('a', noise(2 << 20, 1))
  await main.ok('add', 'a')
  await main.commit('one')
  await main.git('worktree', 'add', '-q', '-b', 'side', place.path('side'))
  const side = new Work(place, place.path('side'))
  await side.ok('checkout')
  expect(treeOf(side.folder)['a']).toBe(treeOf(main.folder)['a'])
  side.write('data/x', 'from the side')
  await side.ok('add', 'data')
  await side.commit('side')
  expect(existsSync(side.path('.art/cache/packs'))).toBe(false)
  await main.git('merge', '-q', 'side')
  await main.ok('checkout')
  expect(treeOf(main.path('data'))).toEqual(treeOf(side.path('data')))
})

test('two repositories may share a cache folder', async () => {
  const [one, two] = [await place.repository('one'), await place.repository('two')]
  for (const work of [one, two]) await work.ok('cache', 'dir', place.path('shared-cache'))
  one.write('a', noise(2 << 20, 5))
  await one.ok('add', 'a')
  two.write('a.art', readFileSync(one.path('a.art')))
  await two.ok('checkout')
  expect(treeOf(two.folder)['a']).toBe(treeOf(one.folder)['a'])
  expect((await two.ok('cache', 'dir')).stdout.trim()).toBe(place.path('shared-cache'))
})

test('a repository that is reached through a symbolic link', async () => {
  const work = await place.repository('real')
  symlinkSync('real', place.path('alias'))
  const alias = new Work(place, place.path('alias'))
  alias.write('sub/a', 'a')
  await alias.ok('add', place.path('alias/sub/a'))
  expect(existsSync(work.path('sub/a.art'))).toBe(true)
  expect(packs(work).length).toBeGreaterThan(0)
})

test('mv and rm of artifacts, along with what git sees', async () => {
  const work = await place.repository('moves')
  for (const path of ['a', 'dir/x']) work.write(path, path)
  await work.ok('add', 'a', 'dir')
  await work.commit('one')
  mkdirSync(work.path('models'))
  await work.ok('mv', 'a', 'models/')
  await work.ok('mv', 'dir', 'data')
  expect(Object.keys(treeOf(work.folder)).sort()).toEqual(
    [
      '.gitattributes',
      '.gitignore',
      'data.art',
      'data/',
      'data/x',
      'models/',
      'models/.gitignore',
      'models/a',
      'models/a.art',
    ].sort(),
  )
  await work.commit('moved')
  expect(await work.git('ls-files')).not.toMatch(/^(data\/x|models\/a)$/m)
  expect((await work.ok('diff', 'HEAD~1', 'HEAD')).stdout).toMatch(/^R {2}dir → data[^]*^R {2}a → models\/a/m)
  work.write('models/a', 'changed')
  const kept = await work.art('rm', '--outs', 'models/a', 'data')
  expect(kept.code).toBe(1)
  expect(kept.stderr).toMatch(/^error: .*models\/a$/m)
  expect(existsSync(work.path('data'))).toBe(false)
  expect(existsSync(work.path('models/a'))).toBe(true)
  expect((await work.ok('rm', 'models/a')).stdout).toContain('the data stays, and git sees it now: `--outs` deletes it')
  expect(await work.git('status', '--porcelain', '-uall')).toContain('?? models/a')
})

test('from a sub-folder everything goes by its path from there: what was done, what failed, what to do', async () => {
  const work = await place.repository('below')
  await work.ok('remote', 'add', '-d', 'origin', '../below-store')
  for (const path of ['top', 'models/a', 'models/deep/b', 'models/set/x']) work.write(path, path)
  const models = new Work(place, work.path('models'))
  const pathsOf = async (...args: string[]): Promise<string[]> =>
    problemsOf(await models.art(...args, '--json'))
      .map(({ path }) => path ?? '')
      .sort()
  expect(await pathsOf('add', '../top', 'a', 'deep/b', 'set', 'none', '../nothing', '*.none')).toEqual([
    '*.none',
    '../nothing',
    'none',
  ])
  await work.commit('one')
  expect(await models.json('push', '-n')).toMatchObject({
    would: [{ path: 'a' }, { path: 'deep/b' }, { path: 'set' }, { path: '../top' }],
  })
  work.write('broken.art', 'no pointer')
  expect(await pathsOf('status')).toEqual(['../broken.art'])
  expect(await pathsOf('push', '../broken.art', 'none')).toEqual(['../broken.art:1', 'none'])
  rmSync(work.path('broken.art'))
  work.write('models/a', 'changed')
  expect(await pathsOf('checkout')).toEqual(['a'])
  await expectProblem(models, ['check'], { code: 'WOULD_OVERWRITE', path: 'a', hint: /`art add a` and stage a\.art/ })
  await expectProblem(models, ['rm', '--outs', 'a'], { code: 'NOT_CACHED', path: 'a', hint: /`art add a`/ })
  await models.ok('checkout', '-f')
  rmSync(work.path('.art/cache'), { recursive: true })
  for (const path of ['top', 'models/a', 'models/set/x']) rmSync(work.path(path))
  expect(await pathsOf('push')).toEqual(['../top', 'a', 'deep/b', 'set'])
  expect(await pathsOf('checkout', 'a', '../top')).toEqual(['../top', 'a'])
  expect(await pathsOf('pull')).toEqual(['../top', 'a', 'deep/b', 'set'])
})
