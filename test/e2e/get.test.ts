import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formatTagMessage } from '@art/registry/tag/message.ts'
import { type S3Server, SERVERS } from '../server/s3.mjs'
import { DATA, Place, Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { noise } from './tree.ts'

const OLD = readFileSync(join(DATA, 'simple_cnn.pth'))
const NEW = readFileSync(join(DATA, 'simple_cnn_finetuned.pth'))
const BIG = noise(3_000_000, 1)

let place: Place
let origin: Work
let oids: string[]
let commits: string[]
let daemon: ChildProcess
let address: string
/** Where a user is who has no repository. */
let here: Work
let count = 0

interface Got {
  path: string
  oid: string
  state: string
  from: string
  commit?: string
  release?: { version: string }
}

/** A repository with two releases, a large file and a folder, whose remote lies beside it; and git's own server for it. */
beforeAll(async () => {
  place = new Place()
  // Of its own: other commands of this machine come and go in that of all.
  mkdirSync(place.path('tmp'))
  place.env['TMPDIR'] = place.path('tmp')
  origin = await place.repository('team/models')
  await origin.ok('remote', 'add', '-d', 'origin', place.path('team/store'))
  origin.write('models.yaml', 'models:\n  net: models/net.pth\n')
  origin.write('models/big.bin', BIG)
  origin.write('data/a.txt', 'a')
  origin.write('data/sub/b.txt', 'b')
  symlinkSync('../a.txt', origin.path('data/sub/up'))
  oids = []
  commits = []
  for (const bytes of [OLD, NEW]) {
    origin.write('models/net.pth', bytes)
    const { added } = await origin.json<{ added: { oid: string }[] }>('add', 'models/net.pth', 'models/big.bin', 'data')
    oids.push(added[0]!.oid)
    await origin.commit('pointers')
    commits.push(await origin.git('rev-parse', 'HEAD'))
    await origin.ok('push')
    if (bytes === OLD) await origin.git('tag', '-a', 'net@v1.0.0', '-m', 'by GTO')
  }
  const facts = { path: 'models/net.pth', oid: oids[1]!, kind: 'f' as const, size: NEW.length, gitCommit: commits[1]! }
  origin.write('MODELS.md', 'of the release')
  await origin.commit('files of the release')
  await origin.git('tag', '-a', 'net@v1.1.0', '-m', formatTagMessage('Release net 1.1.0', facts))
  await origin.git('tag', '-a', 'net#prod#1', '-m', 'x')
  await place.run('git', ['clone', '-q', '--bare', origin.folder, place.path('team/models.git')])
  await place.run('git', ['-C', place.path('team/models.git'), 'config', 'uploadpack.allowFilter', 'true'])
  const port = await freePort()
  daemon = spawn(
    'git',
    ['daemon', '--verbose', '--export-all', `--base-path=${place.base}`, '--listen=127.0.0.1', `--port=${port}`],
    { env: place.env, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  // Read on to the end: a server that cannot write its log ends.
  await new Promise<void>((ready) => {
    daemon.stderr!.on('data', (line: Buffer) => void (line.includes('Ready') && ready()))
  })
  address = `git://127.0.0.1:${port}/team/models.git`
})
afterAll(async () => {
  daemon?.kill()
  if (daemon?.exitCode === null) await once(daemon, 'exit')
  place.dispose()
})
beforeEach(() => {
  const folder = place.path(`here${count++}`)
  mkdirSync(folder)
  here = new Work(place, folder)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

const leftovers = (): string[] => readdirSync(place.path('tmp')).filter((name) => name.startsWith('art-get-'))

test.each([
  ['a folder', () => origin.folder],
  ['a bare repository', () => place.path('team/models.git')],
  ['a file address', () => `file://${place.path('team/models.git')}`],
  ["git's server", () => address],
])('from %s: artifacts, parts of folders and releases, and nothing is left', async (_, source) => {
  const from = source()
  const before = leftovers()
  expect(await here.json<Got>('get', from, 'models/big.bin')).toMatchObject({ path: 'big.bin', state: 'written' })
  expect(readFileSync(here.path('big.bin')).equals(BIG)).toBe(true)
  expect(statSync(here.path('big.bin')).mode & 0o200).toBe(0o200)
  expect(await here.json<Got>('get', from, 'net@v1.0.0')).toMatchObject({
    path: 'net.pth',
    oid: oids[0],
    commit: commits[0],
    release: { version: '1.0.0' },
  })
  expect(readFileSync(here.path('net.pth'))).toEqual(OLD)
  const prod = await here.json<Got>('get', from, 'net#prod', '-o', 'prod.pth')
  expect(prod).toMatchObject({ oid: oids[1], commit: commits[1], release: { version: '1.1.0' } })
  expect(readFileSync(here.path('prod.pth'))).toEqual(NEW)
  await here.ok('get', from, 'data/sub/b.txt')
  expect(readFileSync(here.path('b.txt'), 'utf8')).toBe('b')
  await here.ok('get', from, 'data', '-o', 'copy')
  expect(readFileSync(here.path('copy/sub/up'), 'utf8')).toBe('a')
  expect(await here.json<Got>('get', from, 'models/net.pth', '--rev', commits[0]!, '-o', 'first.pth')).toMatchObject({
    oid: oids[0],
  })
  expect(readdirSync(here.folder).sort()).toEqual(['b.txt', 'big.bin', 'copy', 'first.pth', 'net.pth', 'prod.pth'])
  expect(leftovers()).toEqual(before)
})

test('a repository whose HEAD names no branch has its releases, and the files of its only branch', async () => {
  const bare = place.path(`headless${count++}.git`)
  await place.run('git', ['clone', '-q', '--bare', origin.folder, bare])
  await place.run('git', ['-C', bare, 'symbolic-ref', 'HEAD', 'refs/heads/gone'])
  const from = `file://${bare}`
  expect(await here.json<Got>('get', from, 'net@v1.0.0')).toMatchObject({ oid: oids[0], commit: commits[0] })
  expect(await here.json<Got>('get', from, 'models/net.pth', '-o', 'new.pth')).toMatchObject({ oid: oids[1] })
  await place.run('git', ['-C', bare, 'branch', 'other', 'main'])
  const hint = /--rev: (?:main, other|other, main)/
  await expectProblem(here, ['get', from, 'models/net.pth', '-f'], { code: 'GIT', path: from, hint })
  expect(await here.json<Got>('get', from, 'net#prod', '-o', 'prod.pth')).toMatchObject({ oid: oids[1] })
  for (const branch of ['main', 'other'])
    await place.run('git', ['-C', bare, 'update-ref', '-d', `refs/heads/${branch}`])
  expect(await here.json<Got>('get', from, 'net@v1.1.0', '-o', 'tagged.pth')).toMatchObject({ oid: oids[1] })
})

test('revisions that only the history tells, and names that are a little wrong', async () => {
  const short = commits[0]!.slice(0, 10)
  await here.git('config', '--global', 'init.defaultBranch', 'main')
  for (const rev of [short, 'main~2', 'net@v1.0.0'])
    expect(await here.json<Got>('get', address, 'models/net.pth', '--rev', rev, '-f')).toMatchObject({ oid: oids[0] })
  await expectProblem(here, ['get', address, 'models/net.pth', '--rev', 'nowhere'], { code: 'GIT', path: 'nowhere' })
  await expectProblem(here, ['get', address, 'models/nte.pth'], { code: 'NOT_TRACKED', path: 'models/nte.pth' })
  for (const from of [address, origin.folder])
    await expectProblem(here, ['get', from, 'net'], {
      code: 'NOT_TRACKED',
      path: 'net',
      hint: /There is: net@latest, /,
    })
  await expectProblem(here, ['get', address, 'models'], { code: 'USAGE', path: 'models', exit: 2 })
  await expectProblem(here, ['get', address, 'net@v3.0.0'], { code: 'NOT_FOUND', path: 'net@v3.0.0' })
  await expectProblem(here, ['get', address, '../models/net.pth'], { code: 'PATH_OUTSIDE', path: '../models/net.pth' })
  await expectProblem(here, ['get', address, 'data/none'], { code: 'NOT_FOUND', path: 'data/none' })
  expect(readdirSync(here.folder)).toEqual(['net.pth'])
})

test('a working tree gives what it has now, and a release what it was', async () => {
  const other = await place.clone(origin.folder, `c${count++}`)
  await other.ok('pull')
  other.write('models/net.pth', 'trained again')
  await other.ok('add', 'models/net.pth')
  await here.ok('get', other.folder, 'models/net.pth')
  expect(readFileSync(here.path('net.pth'), 'utf8')).toBe('trained again')
  expect(await other.json<Got>('get', '.', 'net@v1.0.0', '-o', 'old.pth')).toMatchObject({
    from: 'remote',
    oid: oids[0],
  })
  expect(await other.json<Got>('get', '.', 'net@v1.0.0', '-o', 'old2.pth')).toMatchObject({ from: 'cache' })
  expect(readFileSync(other.path('models/net.pth'), 'utf8')).toBe('trained again')
})

test("in a repository its cache keeps what came, and serves it without the other's remote", async () => {
  const mine = await place.repository(`r${count++}`)
  expect(await mine.json<Got>('get', address, 'models/big.bin')).toMatchObject({ from: 'remote' })
  expect(await mine.json<Got>('get', address, 'models/big.bin', '-o', 'again.bin')).toMatchObject({ from: 'cache' })
  expect(await mine.git('status', '--porcelain')).toContain('?? big.bin')
})

test('nothing that is there is replaced without being told to', async () => {
  here.write('big.bin', 'mine')
  await expectProblem(here, ['get', address, 'models/big.bin'], { code: 'WOULD_OVERWRITE', path: 'big.bin' })
  expect(readFileSync(here.path('big.bin'), 'utf8')).toBe('mine')
  await here.ok('get', address, 'models/big.bin', '-f')
  expect(await here.json<Got>('get', address, 'models/big.bin')).toMatchObject({ state: 'unchanged', from: 'here' })
  here.write('data/mine.txt', 'mine')
  await expectProblem(here, ['get', address, 'data'], { code: 'WOULD_OVERWRITE', path: 'data' })
  await here.ok('get', address, 'data', '-f')
  expect(readdirSync(here.path('data')).sort()).toEqual(['a.txt', 'sub'])
  expect(await here.json<Got>('get', address, 'data')).toMatchObject({ state: 'unchanged' })
  await expectProblem(here, ['get', address, 'data', '-o', 'no/such/x'], { code: 'NOT_FOUND', path: 'no/such/x' })
})

describe('a stranger', () => {
  /** A bare repository with this configuration, and a pointer of what its remote may have. */
  async function stranger(
    remote: string,
    more: (work: Work) => Promise<void> | void = () => undefined,
  ): Promise<string> {
    const name = `s${count++}`
    const work = await place.repository(name)
    work.write(
      '.art/config.yaml',
      `${readFileSync(work.path('.art/config.yaml'), 'utf8')}remote:\n  origin:\n${remote}`,
    )
    work.write('net.pth.art', readFileSync(origin.path('models/net.pth.art'), 'utf8'))
    await more(work)
    await work.commit('x')
    await place.run('git', ['clone', '-q', '--bare', work.folder, place.path(`${name}.git`)])
    rmSync(work.folder, { recursive: true })
    return address.replace('team/models.git', `${name}.git`)
  }

  test('runs no program by an address', async () => {
    for (const url of [`ext::sh -c 'touch ${here.path('run')}'`, '--upload-pack=touch run', 'ftp://host/x'])
      await expectProblem(here, ['get', '--', url, 'net.pth'], { code: 'USAGE', path: url, exit: 2 })
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('gets no credentials by naming a server', async () => {
    const url = await stranger('    url: s3://bucket/x\n    endpoint: https://evil.example.org\n')
    const env = { AWS_ACCESS_KEY_ID: 'AKIAxxxxxxxxxxxxxxxx', AWS_SECRET_ACCESS_KEY: 'secret' }
    await expectProblem(here, ['get', url, 'net.pth'], {
      code: 'CONFIG_INVALID',
      path: '.art/config.yaml',
      run: { env },
    })
    const { stderr } = await here.artWith({ env }, 'get', url, 'net.pth')
    expect(stderr).toContain('art config --global core.trusted_endpoints https://evil.example.org')
    // Its own word that it may be trusted counts for nothing.
    const again = await stranger('    url: s3://bucket/x\n    endpoint: https://evil.example.org\n', (work) => {
      const text = readFileSync(work.path('.art/config.yaml'), 'utf8')
      work.write('.art/config.yaml', `${text}core:\n  trusted_endpoints: https://evil.example.org\n`)
    })
    await expectProblem(here, ['get', again, 'net.pth'], {
      code: 'CONFIG_INVALID',
      path: '.art/config.yaml',
      run: { env },
    })
  })

  test('names no folder beside itself on this machine, but one that is there for all', async () => {
    const relative = await stranger('    url: ../../../team/store\n')
    await expectProblem(here, ['get', relative, 'net.pth'], { code: 'REMOTE_NOT_FOUND', path: '../../../team/store' })
    const absolute = await stranger(`    url: ${place.path('team/store')}\n`)
    await here.ok('get', absolute, 'net.pth')
    expect(readFileSync(here.path('net.pth'))).toEqual(NEW)
  })

  test('cannot give other bytes than its pointer says, or write elsewhere', async () => {
    const elsewhere = await stranger(`    url: ${place.path('team/store')}\n`, (work) => {
      const text = readFileSync(origin.path('models/net.pth.art'), 'utf8')
      work.write('evil.art', text.replace('path: net.pth', 'path: ../../evil'))
      work.write(
        'other.pth.art',
        text.replace('net.pth', 'other.pth').replace(/sha256:[0-9a-f]{64}\nsize/, `sha256:${'0'.repeat(64)}\nsize`),
      )
    })
    await expectProblem(here, ['get', elsewhere, 'evil'], { code: 'POINTER_INVALID', path: 'evil.art' })
    await expectProblem(here, ['get', elsewhere, 'other.pth'], { code: 'MISSING_OBJECTS', path: 'other.pth' })
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('gives no part of a folder whose links lead out of it', async () => {
    await expectProblem(here, ['get', address, 'data/sub'], { code: 'SYMLINK', path: 'sub/up' })
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('has to be a repository of art', async () => {
    const plain = await place.repository(`p${count++}`, { art: false })
    plain.write('x', 'x')
    await plain.commit('x')
    await expectProblem(here, ['get', `file://${plain.folder}`, 'x'], {
      code: 'NOT_A_REPOSITORY',
      path: `file://${plain.folder}`,
    })
    await expectProblem(here, ['get', `file://${place.path('nowhere')}`, 'x'], {
      code: 'NOT_FOUND',
      path: `file://${place.path('nowhere')}`,
    })
    await expectProblem(here, ['get', address.replace('models.git', 'none.git'), 'x'], {
      code: 'GIT',
      path: address.replace('models.git', 'none.git'),
    })
  })
})

test('a repository in a folder of another', async () => {
  const top = await place.repository(`m${count++}`, { art: false })
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
    const work = await place.clone(origin.folder, `x${count++}`)
    await work.ok('pull')
    await work.ok('remote', 'add', 's3', 's3://models/x', '--endpoint', server.endpoint, '--region', 'us-east-1')
    expect((await work.artWith({ env }, 'push', '-r', 's3')).code).toBe(0)
    await work.commit('remote')
    const got = await here.artWith({ env }, 'get', `file://${work.folder}`, 'net@latest', '-r', 's3', '--json')
    expect(JSON.parse(got.stdout)).toMatchObject({ from: 'remote', remote: 's3', oid: oids[1] })
    expect(readFileSync(here.path('net.pth'))).toEqual(NEW)
    rmSync(here.path('net.pth'))
    expect((await here.art('get', `file://${work.folder}`, 'net@latest', '-r', 's3')).code).toBe(1)
    expect(existsSync(here.path('net.pth'))).toBe(false)
  })
})
