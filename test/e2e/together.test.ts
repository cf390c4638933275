import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place, type Work } from './harness.ts'
import { noise, treeOf } from './tree.ts'

let place: Place
let ada: Work
let bob: Work

const MiB = 1 << 20

beforeAll(async () => {
  place = new Place()
  ada = await place.repository('ada')
  await ada.ok('remote', 'add', '-d', 'origin', place.path('store'))
  ada.write('code.py', 'pass')
  await ada.commit('start')
  bob = await place.clone(ada.folder, 'bob')
})
afterAll(() => place.dispose())

test('two adds in one workspace both end well', async () => {
  for (let i = 0; i < 4; i++) ada.write(`models/${i}`, noise(MiB, i + 1))
  for (let i = 0; i < 100; i++) ada.write(`data/${i}`, noise(1000, i + 1))
  const outcomes = await Promise.all([
    ada.art('-q', 'add', 'models/0', 'models/1', 'data'),
    ada.art('-q', 'add', 'models/2', 'models/3'),
    ada.art('-q', 'add', 'models/0'),
  ])
  expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ])
  expect(readFileSync(ada.path('models/.gitignore'), 'utf8').split('\n').sort()).toEqual(['', '/0', '/1', '/2', '/3'])
  await ada.commit('models')
  expect(await ada.json('status')).toMatchObject({ clean: true })
})

test('two clones push overlapping content at once, and both are whole', async () => {
  const shared = noise(6 * MiB, 77)
  ada.write('from-ada', Buffer.concat([shared, noise(MiB, 5)]))
  bob.write('from-bob', Buffer.concat([shared, noise(MiB, 6)]))
  for (let i = 0; i < 60; i++) {
    ada.write(`ada-files/${i}`, noise(2000, i + 1))
    bob.write(`bob-files/${i}`, noise(2000, i + 20))
  }
  await ada.ok('add', 'from-ada', 'ada-files')
  await bob.ok('add', 'from-bob', 'bob-files')
  const outcomes = await Promise.all([ada.art('-q', 'push'), bob.art('-q', 'push'), ada.art('-q', 'push')])
  expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ])
  for (const [i, from] of [ada, bob].entries()) {
    expect(await from.json('status', '-c')).toMatchObject({
      artifacts: expect.not.arrayContaining([{ cloud: 'missing' }]) as unknown[],
    })
    await from.commit('pushed')
    const clone = await place.clone(from.folder, `clone-${i}`)
    await clone.ok('pull')
    expect(treeOf(clone.folder)).toEqual(treeOf(from.folder))
  }
})

test('a pull while a push is on its way names what is not there yet, and never takes half of it', async () => {
  ada.write('next', noise(16 * MiB, 9))
  for (let i = 0; i < 300; i++) ada.write(`many/${i}`, noise(5000, i + 500))
  await ada.ok('add', 'next', 'many')
  await ada.commit('next')
  const clone = await place.clone(ada.folder, 'reader')
  let pushing = true
  const push = ada.ok('push').finally(() => {
    pushing = false
  })
  while (pushing) {
    const { code, stderr } = await clone.art('pull')
    expect([0, 1]).toContain(code)
    for (const line of stderr.match(/^error: .*/gm) ?? []) expect(line).toMatch(/: (next|many(\/\d+)?)$/)
    const original = treeOf(ada.folder)
    for (const [path, content] of Object.entries(treeOf(clone.folder))) expect(original[path], path).toBe(content)
  }
  await push
  await clone.ok('pull')
  expect(treeOf(clone.folder)).toEqual(treeOf(ada.folder))
})

test('two pulls in one workspace, and a status beside them', async () => {
  const clone = await place.clone(ada.folder, 'twice')
  const outcomes = await Promise.all(
    ['pull', 'pull', 'status', 'fetch'].map((verb) => clone.art(verb, '--no-progress')),
  )
  expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 4 }, () => [0, '']))
  expect(treeOf(clone.folder)).toEqual(treeOf(ada.folder))
})
