import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, SERVERS } from '../server/s3.mjs'
import { freshName } from './fresh.ts'
import { here, place } from './get-place.ts'
import { BIG, NEW, OLD, team, withTeam } from './get-team.ts'
import { Work } from './harness.ts'
import { expectProblem } from './problem.ts'

interface Got {
  path: string
  oid: string
  state: string
  from: string
  commit?: string
  release?: { version: string }
}

withTeam()

const leftovers = (): string[] => readdirSync(place.path('tmp')).filter((name) => name.startsWith('art-get-'))

test.each([
  ['a folder', () => team.origin.folder],
  ['a bare repository', () => place.path('team/models.git')],
  ['a file address', () => `file://${place.path('team/models.git')}`],
  ["git's server", () => team.address],
])('from %s: artifacts, parts of folders and releases, and nothing is left', async (_, source) => {
  const from = source()
  const before = leftovers()
  expect(await here.json<Got>('get', from, 'models/big.bin')).toMatchObject({ path: 'big.bin', state: 'written' })
  expect(readFileSync(here.path('big.bin')).equals(BIG)).toBe(true)
  expect(statSync(here.path('big.bin')).mode & 0o200).toBe(0o200)
  expect(await here.json<Got>('get', from, 'net@v1.0.0')).toMatchObject({
    path: 'net.pth',
    oid: team.oids[0],
    commit: team.commits[0],
    release: { version: '1.0.0' },
  })
  expect(readFileSync(here.path('net.pth'))).toEqual(OLD)
  const prod = await here.json<Got>('get', from, 'net#prod', '-o', 'prod.pth')
  expect(prod).toMatchObject({ oid: team.oids[1], commit: team.commits[1], release: { version: '1.1.0' } })
  expect(readFileSync(here.path('prod.pth'))).toEqual(NEW)
  await here.ok('get', from, 'data/sub/b.txt')
  expect(readFileSync(here.path('b.txt'), 'utf8')).toBe('b')
  await here.ok('get', from, 'data', '-o', 'copy')
  expect(readFileSync(here.path('copy/sub/up'), 'utf8')).toBe('a')
  expect(
    await here.json<Got>('get', from, 'models/net.pth', '--rev', team.commits[0]!, '-o', 'first.pth'),
  ).toMatchObject({
    oid: team.oids[0],
  })
  expect(readdirSync(here.folder).sort()).toEqual(['b.txt', 'big.bin', 'copy', 'first.pth', 'net.pth', 'prod.pth'])
  expect(leftovers()).toEqual(before)
})

test('a repository whose HEAD names no branch has its releases, and the files of its only branch', async () => {
  const bare = place.path(`${freshName('headless')}.git`)
  await place.run('git', ['clone', '-q', '--bare', team.origin.folder, bare])
  await place.run('git', ['-C', bare, 'symbolic-ref', 'HEAD', 'refs/heads/gone'])
  const from = `file://${bare}`
  expect(await here.json<Got>('get', from, 'net@v1.0.0')).toMatchObject({ oid: team.oids[0], commit: team.commits[0] })
  expect(await here.json<Got>('get', from, 'models/net.pth', '-o', 'new.pth')).toMatchObject({ oid: team.oids[1] })
  await place.run('git', ['-C', bare, 'branch', 'other', 'main'])
  const hint = /--rev: (?:main, other|other, main)/
  await expectProblem(here, ['get', from, 'models/net.pth', '-f'], { code: 'GIT', path: from, hint })
  expect(await here.json<Got>('get', from, 'net#prod', '-o', 'prod.pth')).toMatchObject({ oid: team.oids[1] })
  for (const branch of ['main', 'other'])
    await place.run('git', ['-C', bare, 'update-ref', '-d', `refs/heads/${branch}`])
  expect(await here.json<Got>('get', from, 'net@v1.1.0', '-o', 'tagged.pth')).toMatchObject({ oid: team.oids[1] })
})

test('revisions that only the history tells, and names that are a little wrong', async () => {
  const short = team.commits[0]!.slice(0, 10)
  await here.git('config', '--global', 'init.defaultBranch', 'main')
  for (const rev of [short, 'main~2', 'net@v1.0.0'])
    expect(await here.json<Got>('get', team.address, 'models/net.pth', '--rev', rev, '-f')).toMatchObject({
      oid: team.oids[0],
    })
  await expectProblem(here, ['get', team.address, 'models/net.pth', '--rev', 'nowhere'], {
    code: 'GIT',
    path: 'nowhere',
  })
  await expectProblem(here, ['get', team.address, 'models/nte.pth'], { code: 'NOT_TRACKED', path: 'models/nte.pth' })
  for (const from of [team.address, team.origin.folder])
    await expectProblem(here, ['get', from, 'net'], {
      code: 'NOT_TRACKED',
      path: 'net',
      hint: /There is: net@latest, /,
    })
  await expectProblem(here, ['get', team.address, 'models'], { code: 'USAGE', path: 'models', exit: 2 })
  await expectProblem(here, ['get', team.address, 'net@v3.0.0'], { code: 'NOT_FOUND', path: 'net@v3.0.0' })
  await expectProblem(here, ['get', team.address, '../models/net.pth'], {
    code: 'PATH_OUTSIDE',
    path: '../models/net.pth',
  })
  await expectProblem(here, ['get', team.address, 'data/none'], { code: 'NOT_FOUND', path: 'data/none' })
  expect(readdirSync(here.folder)).toEqual(['net.pth'])
})

test('a working tree gives what it has now, and a release what it was', async () => {
  const other = await place.clone(team.origin.folder, freshName('c'))
  await other.ok('pull')
  other.write('models/net.pth', 'trained again')
  await other.ok('add', 'models/net.pth')
  await here.ok('get', other.folder, 'models/net.pth')
  expect(readFileSync(here.path('net.pth'), 'utf8')).toBe('trained again')
  expect(await other.json<Got>('get', '.', 'net@v1.0.0', '-o', 'old.pth')).toMatchObject({
    from: 'remote',
    oid: team.oids[0],
  })
  expect(await other.json<Got>('get', '.', 'net@v1.0.0', '-o', 'old2.pth')).toMatchObject({ from: 'cache' })
  expect(readFileSync(other.path('models/net.pth'), 'utf8')).toBe('trained again')
})

test("in a repository its cache keeps what came, and serves it without the other's remote", async () => {
  const mine = await place.repository(freshName('r'))
  expect(await mine.json<Got>('get', team.address, 'models/big.bin')).toMatchObject({ from: 'remote' })
  expect(await mine.json<Got>('get', team.address, 'models/big.bin', '-o', 'again.bin')).toMatchObject({
    from: 'cache',
  })
  expect(await mine.git('status', '--porcelain')).toContain('?? big.bin')
})

test('nothing that is there is replaced without being told to', async () => {
  here.write('big.bin', 'mine')
  await expectProblem(here, ['get', team.address, 'models/big.bin'], { code: 'WOULD_OVERWRITE', path: 'big.bin' })
  expect(readFileSync(here.path('big.bin'), 'utf8')).toBe('mine')
  await here.ok('get', team.address, 'models/big.bin', '-f')
  expect(await here.json<Got>('get', team.address, 'models/big.bin')).toMatchObject({
    state: 'unchanged',
    from: 'here',
  })
  here.write('data/mine.txt', 'mine')
  await expectProblem(here, ['get', team.address, 'data'], { code: 'WOULD_OVERWRITE', path: 'data' })
  await here.ok('get', team.address, 'data', '-f')
  expect(readdirSync(here.path('data')).sort()).toEqual(['a.txt', 'sub'])
  expect(await here.json<Got>('get', team.address, 'data')).toMatchObject({ state: 'unchanged' })
  await expectProblem(here, ['get', team.address, 'data', '-o', 'no/such/x'], { code: 'NOT_FOUND', path: 'no/such/x' })
})

test('a repository in a folder of another', async () => {
  const top = await place.repository(freshName('m'), { art: false })
  mkdirSync(top.path('cv'))
  const cv = new Work(place, top.path('cv'))
  await cv.ok('init', '--subdir')
  await cv.ok('remote', 'add', '-d', 'origin', place.path('cv-store'))
  cv.write('m/seg.pth', OLD)
  cv.write('models.yaml', 'models:\n  seg: m/seg.pth\n')
  await cv.ok('add', 'm/seg.pth')
  await top.commit('x')
  await top.git('tag', '-a', 'cv=seg@v0.0.1', '-m', 'x')
  await cv.ok('push')
  const url = `file://${top.folder}`
  for (const [name, file] of [
    ['cv/m/seg.pth', 'a.pth'],
    ['seg@v0.0.1', 'b.pth'],
    ['cv:seg@latest', 'c.pth'],
  ] as const) {
    await here.ok('get', url, name, '-o', file)
    expect(readFileSync(here.path(file))).toEqual(OLD)
  }
})

describe('an S3 remote', () => {
  const found = SERVERS.find(({ name, installed }) => name === 'versitygw' && installed())
  if (found === undefined) {
    test.skip('versitygw is not installed: run node test/server/install.mjs', () => {})
    return
  }
  let server: S3Server
  beforeAll(async () => {
    server = await found.start()
    await server.makeBucket('models')
  })
  afterAll(() => server?.stop())

  test('is read with the keys that the user has', async () => {
    const env = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey }
    const work = await place.clone(team.origin.folder, freshName('x'))
    await work.ok('pull')
    await work.ok('remote', 'add', 's3', 's3://models/x', '--endpoint', server.endpoint, '--region', 'us-east-1')
    expect((await work.artWith({ env }, 'push', '-r', 's3')).code).toBe(0)
    await work.commit('remote')
    const got = await here.artWith({ env }, 'get', `file://${work.folder}`, 'net@latest', '-r', 's3', '--json')
    expect(JSON.parse(got.stdout)).toMatchObject({ from: 'remote', remote: 's3', oid: team.oids[1] })
    expect(readFileSync(here.path('net.pth'))).toEqual(NEW)
    rmSync(here.path('net.pth'))
    expect((await here.art('get', `file://${work.folder}`, 'net@latest', '-r', 's3')).code).toBe(1)
    expect(existsSync(here.path('net.pth'))).toBe(false)
  })
})
