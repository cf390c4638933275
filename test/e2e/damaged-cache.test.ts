import { readFileSync, rmSync } from 'node:fs'
import { cacheLayout } from '@art/core/cache/layout.ts'
import { damageInPacks } from '@art/core/temporary-damage.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { eachRepository, freshName, place, work } from './fresh.ts'
import type { Work } from './harness.ts'
import { expectProblem, problemsOf } from './problem.ts'
import { treeOf } from './tree.ts'

eachRepository({ remote: true })
beforeEach(async () => {
  work.write('weights', 'the weights of a model')
  for (let i = 0; i < 5; i++) work.write(`data/${i}`, `member ${i}`)
  await work.ok('add', 'weights', 'data')
  await work.commit('one')
})
const damage = (of: Work, content: string, written: boolean): void => {
  expect(damageInPacks(cacheLayout(of.path('.art/cache')), content, { written }).length).toBeGreaterThan(0)
}

describe('a damaged pack of the cache, while the workspace is whole', () => {
  test('that was written to heals by adding, and the push goes through', async () => {
    damage(work, 'member 3', true)
    damage(work, 'the weights', true)
    const { stderr, stdout } = await work.art('status')
    expect(stderr).toMatch(/warning: part of this pack is damaged/)
    expect(stdout).toMatch(/not-in-cache +.*data[^]*not-in-cache +.*weights/)
    await work.ok('add', 'weights', 'data')
    expect(await work.json('status')).toMatchObject({ clean: true })
    await work.ok('push')
  })

  test('that has lost a bit unnoticed is named by the push with what to do, and that does it', async () => {
    damage(work, 'member 3', false)
    const first = problemsOf(await work.art('push', '--json'))
    expect(first).toMatchObject([{ code: 'CORRUPT', hint: expect.stringContaining('`art add`') }])
    await expectProblem(work, ['push'], { code: 'MISSING_OBJECTS', path: 'data/3', hint: /add the data/ })
    await work.ok('add', 'data')
    await work.ok('push')
    damage(work, 'the weights', false)
    await work.ok('add', 'weights')
    rmSync(work.path('weights'))
    await work.ok('checkout', 'weights')
    expect(readFileSync(work.path('weights'), 'utf8')).toBe('the weights of a model')
  })

  test('is brought again by a pull, in a clone that finds it damaged', async () => {
    await work.ok('push')
    const clone = await place.clone(work.folder, freshName('clone'))
    await clone.ok('pull')
    damage(clone, 'member 3', false)
    rmSync(clone.path('data'), { recursive: true })
    const found = problemsOf(await clone.art('checkout', '--json'))
    expect(found).toMatchObject([{ code: 'CORRUPT', path: 'data/3', hint: expect.stringContaining('`art pull`') }])
    await clone.ok('pull')
    expect(treeOf(clone.path('data'))).toEqual(treeOf(work.path('data')))
    damage(clone, 'member 1', true)
    await clone.ok('fetch')
    rmSync(clone.path('data'), { recursive: true })
    await clone.ok('checkout')
    expect(treeOf(clone.path('data'))).toEqual(treeOf(work.path('data')))
  })
})
