import { copyFileSync, cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DATA, Place, type Work } from './harness.ts'
import { expectProblem } from './problem.ts'

interface Diff {
  artifacts: {
    path: string
    facts?: { name: string; before?: number; after?: number }[]
    model?: {
      judgement: string
      same: boolean | null
      equal: number
      from: object
      differs?: string[]
      tensors: { kind: string; name: string; distance?: { relativeL2: number; cosine: number; maxDelta: number } }[]
    }
  }[]
}

const FIRST = join(DATA, 'simple_cnn.pth')
const SECOND = join(DATA, 'simple_cnn_finetuned.pth')
const SEED = join(DATA, 'models/torch/seed')

let place: Place
let work: Work
beforeAll(async () => {
  place = new Place()
  work = await place.repository('work')
  await work.ok('remote', 'add', '-d', 'origin', place.path('store'))
  copyFileSync(FIRST, work.path('cnn.pth'))
  work.write('data.txt', 'a')
  await work.ok('add', 'cnn.pth', 'data.txt')
  await work.commit('first')
  copyFileSync(SECOND, work.path('cnn.pth'))
  work.write('data.txt', 'b')
  await work.ok('add', 'cnn.pth', 'data.txt')
  await work.commit('second')
  await work.ok('push', '--all-commits')
})
afterAll(() => place.dispose())

const modelOf = (diff: Diff) => diff.artifacts[0]!.model!

describe('art diff --tensors', () => {
  test('compares two files, tracked or not, of one format or two', async () => {
    const { code, stdout } = await place.run('art', ['diff', '--tensors', FIRST, SECOND])
    expect(code).toBe(0)
    expect(stdout).toContain('21 of 23 equal: head fine-tune')
    expect(stdout).toMatch(/~ {2}classifier\.weight +\[10, 48\] +30\.3 % +0\.07038 +0\.9871\n/)
    const same = await work.json<Diff>('diff', '--tensors', `${SEED}.pth`, `${SEED}.legacy.pth`)
    expect(modelOf(same)).toMatchObject({ same: true, tensors: [], judgement: 'same weights, other metadata' })
  })

  test('compares revisions of one artifact, and the workspace', async () => {
    const pair = modelOf(await work.json<Diff>('diff', '--tensors', 'HEAD~1:cnn.pth', 'cnn.pth'))
    expect(pair).toMatchObject({ equal: 21, from: { before: 'table', after: 'table' } })
    expect(pair.tensors.map(({ name }) => name)).toEqual(['classifier.weight', 'classifier.bias'])
    const { distance } = pair.tensors[0]!
    expect(distance!.relativeL2).toBeCloseTo(0.303, 3)
    const revisions = await work.json<Diff>('diff', '--tensors', 'HEAD~1..HEAD')
    expect(revisions.artifacts.map(({ path }) => path)).toEqual(['cnn.pth', 'data.txt'])
    expect(modelOf(revisions).tensors).toEqual(pair.tensors)
    expect(revisions.artifacts[1]!.model).toBeUndefined()
    const { stdout } = await work.ok('diff', '--json', '--tensors', 'HEAD~1', '--', 'cnn.pth')
    expect((JSON.parse(stdout) as Diff).artifacts).toMatchObject([{ path: 'cnn.pth', model: { equal: 21 } }])
    copyFileSync(FIRST, work.path('cnn.pth'))
    const now = await work.json<Diff>('diff', '--tensors', 'cnn.pth')
    expect(modelOf(now)).toMatchObject({ equal: 21, from: { after: 'file' } })
    await work.ok('checkout', '-f', 'cnn.pth')
  })

  test('tells without blobs what tables tell, and without tables whether anything changed', async () => {
    const clone = await place.clone(work.folder, 'clone')
    await clone.git('config', 'core.abbrev', '12')
    const far = modelOf(await clone.json<Diff>('diff', '--tensors', 'HEAD~1:cnn.pth', 'HEAD:cnn.pth'))
    expect(far).toMatchObject({ equal: 21, same: false, from: { before: 'remote-table', after: 'remote-table' } })
    expect(far.tensors).toMatchObject([{ name: 'classifier.weight', kind: 'changed' }, { name: 'classifier.bias' }])
    expect(far.tensors[0]!.distance).toBeUndefined()
    const { stdout } = await clone.ok('diff', '--tensors', 'HEAD~1:cnn.pth', 'cnn.pth')
    expect(stdout).toContain(
      'distances need both contents: `art fetch --rev HEAD~1 cnn.pth` and `art pull cnn.pth` bring what is not here',
    )
    await clone.ok('fetch', '--rev', 'HEAD~1', 'cnn.pth')
    await clone.ok('pull', 'cnn.pth')
    expect((await clone.ok('diff', '--tensors', 'HEAD~1:cnn.pth', 'cnn.pth')).stdout).toMatch(/30\.3 %/)
    const poor = await place.clone(work.folder, 'poor')
    await poor.ok('remote', 'remove', 'origin')
    const told = modelOf(await poor.json<Diff>('diff', '--tensors', 'HEAD~1:cnn.pth', 'HEAD:cnn.pth'))
    expect(told).toMatchObject({ same: false, tensors: [], from: { before: 'pointer' } })
    expect(told.judgement).toContain('the weights differ')
    const hint = /Run `art fetch --rev HEAD~1 data\.txt`/
    await expectProblem(poor, ['show', 'HEAD~1:data.txt'], { code: 'NOT_CACHED', path: 'HEAD~1:data.txt', hint })
  })

  test('compares what lies in the workspace where that is named, and says that its pointer says otherwise', async () => {
    const pair = async (from: string, to: string) => modelOf(await work.json<Diff>('diff', '--tensors', from, to))
    copyFileSync(FIRST, work.path('cnn.pth'))
    expect(await pair('HEAD~1:cnn.pth', 'cnn.pth')).toMatchObject({ same: true, differs: ['cnn.pth'] })
    expect(await pair('HEAD~1:cnn.pth', 'cnn.pth.art')).toMatchObject({ equal: 21, same: false })
    const { stdout } = await work.ok('diff', '--tensors', 'cnn.pth', 'cnn.pth.art')
    expect(stdout).toMatch(
      /\n {3}cnn\.pth is compared as it lies here, which is not what its pointer says.*\n {3}21 of 23/,
    )
    expect(await work.json<object>('show', 'cnn.pth')).toMatchObject({ differs: true, epoch: 3 })
    await work.ok('checkout', '-f', 'cnn.pth')
    expect(await pair('HEAD~1:cnn.pth', 'cnn.pth')).not.toHaveProperty('differs')
    expect(await work.json<object>('show', 'cnn.pth')).not.toHaveProperty('differs')
  })

  test('does so of a folder too, with the size of all its shards', async () => {
    const other = await place.repository('folders')
    const folder = other.path('sharded')
    cpSync(join(DATA, 'models/safetensors/sharded'), folder, { recursive: true })
    await other.ok('add', 'sharded')
    await other.commit('sharded')
    const whole = await other.json<{ size: number; weightBytes: number }>('show', 'sharded')
    expect(whole.size).toBeGreaterThan(whole.weightBytes)
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
    copyFileSync(FIRST, join(folder, 'model.pth'))
    const now = modelOf(await other.json<Diff>('diff', '--tensors', 'HEAD:sharded', 'sharded'))
    expect(now).toMatchObject({ same: false, differs: ['sharded'] })
    const same = modelOf(await other.json<Diff>('diff', '--tensors', 'HEAD:sharded', 'sharded.art'))
    expect(same).toMatchObject({ same: true })
    expect(same).not.toHaveProperty('differs')
  })

  test('says by name what is wrong', async () => {
    await expectProblem(work, ['diff', '--tensors', 'cnn.pth', 'absent:x'], { code: 'NOT_FOUND', path: 'absent:x' })
    await expectProblem(work, ['diff', '--tensors', 'cnn.pth', 'data.txt'], { code: 'UNSUPPORTED', path: 'data.txt' })
    await expectProblem(work, ['diff', '--textconv'], { code: 'USAGE', exit: 2 })
  })
})

test('art diff has the figures of a model below it, from pointers alone', async () => {
  const clone = await place.clone(work.folder, 'figures')
  const { artifacts } = await clone.json<Diff>('diff', 'HEAD~1', 'HEAD')
  expect(artifacts[0]!.facts).toContainEqual({ name: 'val_acc', before: 0.786, after: 0.886 })
  const { stdout } = await clone.ok('diff', 'HEAD~1', 'HEAD')
  expect(stdout).toMatch(/^M {2}cnn\.pth .*\n {3}val_acc 0\.786 → 0\.886, epoch 3 → 5\n/)
})

test("is git's textconv: a commit shows which tensors it changed", async () => {
  await work.git('config', 'diff.art.textconv', 'art diff --textconv')
  work.write('.git/info/attributes', '*.art diff=art\n')
  const shown = await work.git('show', 'HEAD', '--', 'cnn.pth.art')
  expect(shown).toMatch(/\n-epoch: 3\n/)
  expect(shown).toMatch(/\n\+epoch: 5\n/)
  const changed = shown.split('\n').filter((line) => line.startsWith('+tensor'))
  expect(changed.map((line) => line.split(' ')[1])).toEqual(['classifier.weight', 'classifier.bias'])
  const { stdout } = await work.ok('diff', '--textconv', 'cnn.pth.art')
  expect(stdout).toMatch(/^path: cnn\.pth\noid: sha256:/)
  expect((await work.json<{ text: string[] }>('diff', '--textconv', 'cnn.pth.art')).text[0]).toBe('path: cnn.pth')
  work.write('odd.art', 'no\npointer\n')
  expect((await work.ok('diff', '--textconv', 'odd.art')).stdout).toBe('no\npointer\n')
  rmSync(work.path('odd.art'))
})
