import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Place, type Work } from './harness.ts'
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
