import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Place, Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { releasedThrice } from './stages-place.ts'

let place: Place
let work: Work
beforeAll(async () => {
  place = new Place()
  work = await releasedThrice(place)
  await work.ok('stage', 'resnet', 'production', '--push')
})
afterAll(() => place.dispose())

describe('in a sparse checkout', () => {
  let sparse: Work
  beforeAll(async () => {
    sparse = await place.clone(place.path('work.git'), 'sparse')
    sparse.write('src/model.py', 'x')
    await sparse.commit('code')
    await sparse.git('sparse-checkout', 'set', '--cone', 'src')
  })

  test('without the folder of art, what is to be added is said', async () => {
    await expectProblem(sparse, ['models'], { code: 'NOT_A_REPOSITORY', hint: /`git sparse-checkout add \.art`/ })
    const below = await sparse.art('-C', 'src', 'models')
    expect(below.stderr).toContain(`\`git -C ${sparse.folder} sparse-checkout add .art\``)
    await sparse.git('sparse-checkout', 'add', '.art')
    expect(existsSync(sparse.path('models'))).toBe(false)
  })

  test('files that are left out count as git has them', async () => {
    const { stdout } = await sparse.ok('models', '--check')
    expect(stdout).toContain('3 releases')
    expect((await sparse.ok('models', '--fix')).stdout).not.toContain('committed')
    expect(await sparse.git('status', '--porcelain')).toBe('')
  })

  test('one that is wrong, or was deleted, is found all the same', async () => {
    await sparse.git('sparse-checkout', 'disable')
    await sparse.git('rm', '-q', 'models/resnet_v1.0.0_metadata.yaml')
    await sparse.git('commit', '-q', '-m', 'a slip')
    await sparse.git('sparse-checkout', 'set', '--cone', 'src', '.art')
    const { code, stderr } = await sparse.art('models', '--check')
    expect(code).toBe(1)
    expect(stderr).toContain('models/resnet_v1.0.0_metadata.yaml: resnet@v1.0.0: it has no metadata file')
    await sparse.ok('models', '--fix')
    await sparse.ok('models', '--check')
    await sparse.ok('stage', 'resnet@v1.0.0', 'canary')
    await sparse.ok('models', '--check')
    expect(await sparse.git('status', '--porcelain')).toBe('')
  })

  test('models.yaml may be left out, too', async () => {
    await sparse.git('sparse-checkout', 'set', '--no-cone', '/src/', '/.art/')
    expect(existsSync(sparse.path('models.yaml'))).toBe(false)
    expect((await sparse.ok('models')).stdout).toContain('models/resnet_best.pth')
    await sparse.ok('models', '--check')
  })
})

describe('in a clone that lacks tags', () => {
  const kinds: [name: string, flags: string[], fetch: string][] = [
    ['tagless', ['--no-tags'], '`git fetch --tags`'],
    ['shallow', ['--depth=1'], '`git fetch --unshallow --tags`'],
  ]
  const clones = new Map<string, Work>()
  beforeAll(async () => {
    for (const [name, flags] of kinds) {
      await place.run('git', ['clone', '-q', ...flags, `file://${place.path('work.git')}`, place.path(name)])
      clones.set(name, new Work(place, place.path(name)))
    }
  })

  test.each(kinds)('%s: whatever is asked says which fetch is needed', async (name, _, fetch) => {
    const clone = clones.get(name)!
    const listed = await clone.art('models')
    expect(listed.code).toBe(0)
    expect(listed.stderr).toMatch(/^warning: the files tell of resnet@v1\.0\.0/)
    expect(listed.stderr).toContain(fetch)
    const { warnings } = await clone.json<{ warnings: { message: string }[] }>('models', 'list', 'resnet')
    expect(warnings.map(({ message }) => message).join()).toContain(fetch)
    for (const args of [
      ['which', 'resnet@v1.0.0'],
      ['which', 'resnet#production'],
      ['show', 'resnet@v1.0.0'],
      ['models', '--check'],
      ['models', '--fix'],
      ['release', 'resnet'],
      ['stage', 'resnet@v1.0.0', 'canary'],
    ]) {
      const { code, stderr } = await clone.art(...args)
      expect(code, args.join(' ')).toBe(1)
      expect(stderr, args.join(' ')).toContain(fetch)
    }
    const { stderr } = await clone.art('history', 'resnet')
    expect(stderr).toContain(fetch)
  })

  test.each(kinds)('%s: that fetch is enough', async (name, _, fetch) => {
    const clone = clones.get(name)!
    await clone.git(...fetch.slice(1, -1).split(' ').slice(1))
    for (const args of [['models'], ['models', '--check'], ['which', 'resnet#production'], ['history', 'resnet']])
      expect((await clone.ok(...args)).stderr, args.join(' ')).toBe('')
  })
})
