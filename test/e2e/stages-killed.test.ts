import { beforeAll, expect, test } from 'vitest'
import type { RollbackResult, StageMove, UnstageResult, WhichResult } from '@art/repo/stage-api.ts'
import { oneRepository, place, work } from './fresh.ts'
import { releasedThrice, stateOf } from './stages-place.ts'

/** Kills its process when git's transaction of references is through, or before it or the first git at all begins. */
const KILLER = `
const child_process = require('node:child_process')
const { spawn } = child_process
child_process.spawn = (file, args, options) => {
  if (process.env.KILL === 'first') process.kill(process.pid, 'SIGKILL')
  const isOne = args[0] === 'update-ref'
  if (isOne && process.env.KILL === 'before') process.kill(process.pid, 'SIGKILL')
  const child = spawn(file, args, options)
  if (isOne) child.once('close', () => process.kill(process.pid, 'SIGKILL'))
  return child
}
require('node:module').syncBuiltinESMExports()
`

let killer: string

oneRepository(() => releasedThrice(place))
beforeAll(async () => {
  killer = place.write('killer.cjs', KILLER)
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await work.ok('stage', `resnet@v${version}`, 'production')
})

async function killed(when: 'first' | 'before' | 'behind', ...args: string[]): Promise<void> {
  const env = { NODE_OPTIONS: `--require ${killer}`, KILL: when }
  expect((await work.artWith({ env }, ...args)).code).toBe('SIGKILL')
}

const holder = async (stage: string): Promise<string | null> =>
  (await work.json<WhichResult>('which', `resnet#${stage}`)).version

async function settled(): Promise<void> {
  expect(await work.git('status', '--porcelain')).toBe('')
  await work.ok('models', '--check')
}

test('a rollback that was killed behind its commit is completed by the same command, and not made twice', async () => {
  await killed('behind', 'rollback', 'resnet#production')
  expect(await work.git('status', '--porcelain')).not.toBe('')
  // Whoever only looks before repeating it, or does something else, takes nothing of it away.
  await work.ok('checkout')
  expect((await work.ok('rollback', 'resnet#production', '-n')).stdout).toContain('stands by')
  const { stdout } = await work.ok('rollback', 'resnet#production')
  expect(stdout).toMatch(/^resnet production: 3\.0\.0 → 2\.0\.0\n.*stands by resnet#production!#4, resnet#production#5/)
  expect(stdout).toContain('next, for others')
  expect(await holder('production')).toBe('2.0.0')
  await settled()
  // Whoever asks once more wants to go further back.
  expect(await work.json<RollbackResult>('rollback', 'resnet#production')).toMatchObject({
    to: '1.0.0',
    unchanged: false,
  })
  await settled()
})

test('one is completed also where its repetition was killed, too', async () => {
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await work.ok('stage', `resnet@v${version}`, 'twice')
  await killed('behind', 'rollback', 'resnet#twice')
  await killed('first', 'rollback', 'resnet#twice')
  const again = await work.json<RollbackResult>('rollback', 'resnet#twice')
  expect(again).toMatchObject({ from: '3.0.0', to: '2.0.0', unchanged: true })
  await settled()
})

test('one that was killed before its commit is made by the same command', async () => {
  await work.ok('stage', 'resnet@v3.0.0', 'production')
  await killed('before', 'rollback', 'resnet#production')
  expect(await holder('production')).toBe('3.0.0')
  const again = await work.json<RollbackResult>('rollback', 'resnet#production')
  expect(again).toMatchObject({ from: '3.0.0', to: '1.0.0', unchanged: false })
  await settled()
})

test('tags alone are known again, too, and --push sends what stands', async () => {
  for (const version of ['1.0.0', '2.0.0']) await work.ok('stage', `resnet@v${version}`, 'ring', '--no-commit')
  await killed('behind', 'rollback', 'resnet#ring', '--no-commit')
  const before = await stateOf(work)
  const again = await work.json<RollbackResult>('rollback', 'resnet#ring', '--no-commit', '--push')
  expect(again).toMatchObject({ from: '2.0.0', to: '1.0.0', unchanged: true, pushed: { remote: 'origin' } })
  expect(await stateOf(work)).toBe(before)
  for (const tag of again.tags) expect(await work.git('ls-remote', 'origin', tag)).toContain(`refs/tags/${tag}`)
  await work.ok('models', '--fix')
})

test.each([
  ['resnet#canary', [], { from: '3.0.0', to: '2.0.0', versions: ['3.0.0'] }],
  ['resnet#canary', ['--all'], { from: '3.0.0', to: null, versions: ['3.0.0', '2.0.0'] }],
])('unstage %s %j that was killed takes nothing from one more', async (name, flags, told) => {
  for (const version of ['2.0.0', '3.0.0']) await work.ok('stage', `resnet@v${version}`, 'canary')
  await killed('behind', 'unstage', name, ...flags)
  const again = await work.json<UnstageResult>('unstage', name, ...flags)
  expect(again).toMatchObject({ ...told, unchanged: true })
  await settled()
})

test('another command than the one that was killed does what it says', async () => {
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await work.ok('stage', `resnet@v${version}`, 'beta')
  await killed('behind', 'rollback', 'resnet#beta')
  expect(await work.json<UnstageResult>('unstage', 'resnet#beta')).toMatchObject({ from: '2.0.0', unchanged: false })
  await killed('behind', 'unstage', 'resnet@v1.0.0', 'beta')
  await work.ok('stage', 'resnet@v2.0.0', 'beta')
  await killed('behind', 'unstage', 'resnet#beta')
  const all = await work.json<StageMove>('unstage', 'resnet', 'beta', '--all')
  expect(all).toMatchObject({ to: null })
  await settled()
})

test('a release that was killed is not made twice', async () => {
  await killed('behind', 'release', 'resnet', '--allow-equal')
  const { code, stderr } = await work.art('release', 'resnet', '--allow-equal')
  expect(code, stderr).toBe(1)
  expect(stderr).toContain('has the same content already')
  await settled()
})
