import { chmodSync, linkSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtEvent } from '@art/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findPointers } from '../target/find.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { add } from '../verb/add.ts'
import { checkout } from '../verb/checkout.ts'
import { push } from '../verb/push.ts'
import { remoteAdd } from '../verb/remote.ts'
import { status } from '../verb/status.ts'
import { type Drift, driftOf } from './drift.ts'
import { withSession } from './session.ts'

let work: TemporaryRepo
beforeEach(async () => {
  work = await TemporaryRepo.create()
  work.write('model', 'weights')
  work.write('data/x', 'one')
  work.write('data/sub/y', 'two')
  await add(await work.open(), ['model', 'data'])
})
afterEach(() => work.remove())

const at = (path: string): string => join(work.root, path)

async function drifts(): Promise<Record<string, Drift | undefined>> {
  const repo = await work.open()
  const { artifacts } = await findPointers(repo)
  return await withSession(repo, {}, async (session) =>
    Object.fromEntries(
      await Promise.all(artifacts.map(async (one) => [one.path, await driftOf(session, one)] as const)),
    ),
  )
}

it('nothing has changed after add, status, another mode, another link, and where data is not there', async () => {
  const nothing = { data: undefined, model: undefined }
  expect(await drifts()).toEqual(nothing)
  await status(await work.open(), [])
  chmodSync(at('model'), 0o755)
  linkSync(at('data/x'), at('beside'))
  expect(await drifts()).toEqual(nothing)
  rmSync(at('model'))
  rmSync(at('data'), { recursive: true })
  expect(await drifts()).toEqual(nothing)
})

it.each<[string, () => void, Record<string, Drift>]>([
  ['another size', () => work.write('model', 'more weights'), { model: 'differs' }],
  ['the same size', () => utimesSync(at('model'), 1, 1), { model: 'touched' }],
  ['a file that is touched in a directory', () => utimesSync(at('data/sub/y'), 1, 1), { data: 'touched' }],
  ['a file that grew in a directory', () => work.write('data/sub/y', 'longer'), { data: 'differs' }],
  ['a new file in a directory', () => work.write('data/new', ''), { data: 'differs' }],
  ['a file that went from a directory', () => rmSync(at('data/x')), { data: 'differs' }],
  ['a folder that went', () => rmSync(at('data/sub'), { recursive: true }), { data: 'differs' }],
  ['a new name', () => renameSync(at('data/x'), at('data/z')), { data: 'differs' }],
])('%s is told', async (_, change, expected) => {
  change()
  expect(await drifts()).toEqual({ data: undefined, model: undefined, ...expected })
})

it('a change that `status` has looked at is one still; what .artignore leaves out is none', async () => {
  work.write('model', 'WEIGHTS')
  await status(await work.open(), [])
  work.write('.artignore', '*.log\n')
  work.write('data/run.log', 'x')
  expect(await drifts()).toEqual({ model: 'differs', data: undefined })
})

it('data that art left for an earlier pointer has not changed: the pointer has', async () => {
  const before = [work.read('model.art'), work.read('data.art')]
  work.write('model', 'second version')
  work.write('data/x', 'second version')
  await add(await work.open(), ['model', 'data'])
  work.write('model.art', before[0]!)
  work.write('data.art', before[1]!)
  expect(await drifts()).toEqual({ model: undefined, data: undefined })
  await checkout(await work.open(), [])
  expect(await drifts()).toEqual({ model: undefined, data: undefined })
})

it('push tells of what changed, by its path from here, and pushes what the pointers name', async () => {
  const repo = await work.open(at('data/sub'))
  await remoteAdd(repo, 'store', join(work.base, 'store'), { default: true })
  work.write('model', 'longer weights')
  const warnings: ArtEvent[] = []
  const onEvent = (event: ArtEvent): void => {
    if (event.type === 'warning') warnings.push(event)
  }
  const { failed, artifacts } = await push(await work.open(at('data/sub')), [], { onEvent })
  expect([failed, artifacts]).toEqual([[], 2])
  expect(warnings).toEqual([
    {
      type: 'warning',
      message: '../../model differs from its pointer: `art add` it first to push the new version',
      path: '../../model',
    },
  ])
  warnings.length = 0
  work.commit()
  await push(await work.open(), [], { onEvent, rev: ['HEAD'] })
  expect(warnings).toEqual([])
})
