import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DATA, type Outcome, Place, ROOT } from '../e2e/harness.ts'

let place: Place

beforeAll(async () => {
  place = new Place()
  mkdirSync(place.path('packed'))
  // The bundle is there already (bootstrap); building again would disturb suites that run beside this one.
  const packed = await place.run(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', place.path('packed')],
    {
      cwd: ROOT,
    },
  )
  expect(packed.code, packed.stderr).toBe(0)
  const tarball = place.path('packed', packed.stdout.trim().split('\n').at(-1) ?? '')
  const installed = await place.run('npm', [
    'install',
    '--global',
    '--offline',
    '--prefix',
    place.path('prefix'),
    tarball,
  ])
  expect(installed.code, installed.stderr).toBe(0)
})
afterAll(() => place.dispose())

it('an npm pack tarball, installed into an empty prefix without a registry, does the main job', async () => {
  const art = async (cwd: string, ...args: string[]): Promise<Outcome> => {
    const outcome = await place.run(place.path('prefix/bin/art'), args, { cwd })
    expect(outcome.code, `art ${args.join(' ')}\n${outcome.stdout}${outcome.stderr}`).toBe(0)
    return outcome
  }
  const work = await place.repository('project', { art: false })
  copyFileSync(join(DATA, 'simple_cnn.pth'), work.path('model.pth'))
  await art(work.folder, 'init')
  await art(work.folder, 'remote', 'add', '-d', 'storage', place.path('storage'))
  await art(work.folder, 'add', 'model.pth')
  await work.commit('model')
  await art(work.folder, 'push')
  const clone = await place.clone(work.folder, 'clone')
  await art(clone.folder, 'pull')
  expect(readFileSync(clone.path('model.pth')).equals(readFileSync(join(DATA, 'simple_cnn.pth')))).toBe(true)
  expect((await art(clone.folder, '--version')).stdout).toContain(
    (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
  )
})
