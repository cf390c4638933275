import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type S3Server, SERVERS } from '../server/s3.mjs'
import { Place, type Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { noise, sha256, treeOf } from './tree.ts'

let place: Place
let work: Work
let count = 0

beforeAll(async () => {
  place = new Place()
  work = await place.repository('work')
  work.write('a', 'a')
  await work.ok('add', 'a')
  work.write('away.art', `art: 1\npath: away\noid: sha256:${sha256('away')}\nsize: 4\n`)
})
afterAll(() => place.dispose())

/** Whether a folder without write permission stops us: it does not stop root. */
const isRoot = process.getuid?.() === 0

describe('an S3 remote', () => {
  const found = SERVERS.find(({ name, installed }) => name !== 'moto' && installed())
  if (found === undefined) {
    test.skip('no S3 server is installed: run node test/server/install.mjs', () => {})
    return
  }
  let server: S3Server
  let env: Record<string, string>

  beforeAll(async () => {
    server = await found.start()
    await server.makeBucket('there')
    env = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey }
  })
  afterAll(() => server?.stop())

  const remote = async (url: string, ...flags: string[]): Promise<string> => {
    const name = `s3-${count++}`
    await work.ok('remote', 'add', name, url, '--region', 'us-east-1', ...flags)
    return name
  }

  test('with the wrong bucket', async () => {
    const name = await remote('s3://absent/x', '--endpoint', server.endpoint)
    for (const verb of ['push', 'pull', 'fetch']) {
      await expectProblem(work, [verb, '-r', name, verb === 'push' ? 'a' : 'away'], {
        code: 'REMOTE_NOT_FOUND',
        path: 'absent',
        run: { env },
      })
    }
  })

  test('with the wrong credentials, or none', async () => {
    const name = await remote('s3://there/x', '--endpoint', server.endpoint)
    const wrong = { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' }
    await expectProblem(work, ['push', '-r', name, 'a'], { code: 'REMOTE_AUTH', path: 'there', run: { env: wrong } })
    const unknown = { ...wrong, AWS_ACCESS_KEY_ID: 'nobody' }
    await expectProblem(work, ['push', '-r', name, 'a'], { code: 'REMOTE_AUTH', path: 'there', run: { env: unknown } })
    await expectProblem(work, ['push', '-r', name, 'a'], { code: 'REMOTE_AUTH', path: 'there' })
    await expectProblem(work, ['push', '-r', name, 'a'], {
      code: 'REMOTE_AUTH',
      path: 'there',
      run: { env: { AWS_PROFILE: 'absent-profile' } },
    })
  })

  test('is checked by remote check, with each step', async () => {
    const name = await remote('s3://there/y', '--endpoint', server.endpoint)
    const { stdout } = await work.artWith({ env }, 'remote', 'check', name, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, writable: true })
    const broken = await work.artWith({ env: { ...env, AWS_SECRET_ACCESS_KEY: 'x' } }, 'remote', 'check', name)
    expect(broken.code).toBe(1)
  })

  test('where nobody listens, or a server hangs up', async () => {
    const name = await remote('s3://there/x', '--endpoint', 'http://127.0.0.1:1')
    const rude = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void rude.close())
    const { port } = rude.address() as { port: number }
    const other = await remote('s3://there/x', '--endpoint', `http://127.0.0.1:${port}`)
    // At once, because each tries several times.
    const expected = { code: 'REMOTE_UNAVAILABLE', run: { env } }
    await Promise.all([
      expectProblem(work, ['pull', '-r', name, 'away'], { ...expected, path: '127.0.0.1:1' }),
      expectProblem(work, ['push', '-r', other, 'a'], { ...expected, path: `127.0.0.1:${port}` }),
    ])
  })
})

test('a remote of a newer format is refused, and left as it is', async () => {
  await work.ok('remote', 'add', 'newer', place.path('newer'))
  await work.ok('push', '-r', 'newer', 'a')
  const file = place.path('newer/art-remote.json')
  const descriptor = JSON.parse(readFileSync(file, 'utf8')) as { read: string[]; write: string[] }
  const newer = JSON.stringify({
    ...descriptor,
    read: [...descriptor.read, 'teleport'],
    write: [...descriptor.write, 'teleport'],
  })
  writeFileSync(file, newer)
  work.write('b', 'b')
  await work.ok('add', 'b')
  const before = treeOf(place.path('newer'))
  for (const verb of ['push', 'pull'])
    await expectProblem(work, [verb, '-r', 'newer', verb === 'push' ? 'b' : 'away'], {
      code: 'REMOTE_FEATURE',
      path: 'newer',
      hint: /[Uu]pdate/,
    })
  writeFileSync(file, 'not JSON')
  await expectProblem(work, ['push', '-r', 'newer', 'b'], { code: 'REMOTE_DAMAGED', path: 'art-remote.json' })
  writeFileSync(file, newer)
  expect(treeOf(place.path('newer'))).toEqual(before)
})

test('a directory remote that is not there is not made by a pull', async () => {
  await work.ok('remote', 'add', 'gone', place.path('gone'))
  await expectProblem(work, ['pull', '-r', 'gone', 'away'], { code: 'REMOTE_NOT_FOUND', path: 'gone' })
  expect(readdirSync(place.base)).not.toContain('gone')
})

test('a remote that is a file, and one that may not be written', async () => {
  place.write('a-file', 'x')
  await work.ok('remote', 'add', 'file', place.path('a-file'))
  const { code, stderr } = await work.art('push', '-r', 'file', 'a')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: .*a-file/m)
  if (isRoot) return
  mkdirSync(place.path('locked'))
  chmodSync(place.path('locked'), 0o555)
  await work.ok('remote', 'add', 'locked', place.path('locked'))
  await expectProblem(work, ['push', '-r', 'locked', 'a'], { code: 'PERMISSION', path: 'locked' })
})

function mount(type: string, target: string, options: string): boolean {
  const program = 'mount'
  try {
    execFileSync(program, ['-t', type, '-o', options, type, target], { stdio: 'ignore' })
  } catch {
    return false
  }
  onTestFinished(() => {
    const unmount = 'umount'
    execFileSync(unmount, [target])
  })
  return true
}

test('a folder that is gone since the last push is not made again: it may only not be mounted', async () => {
  const unmounted = await place.repository('unmounted')
  await unmounted.ok('remote', 'add', '-d', 'store', place.path('mounted'))
  unmounted.write('model', noise(3000, 7))
  await unmounted.ok('add', 'model')
  await unmounted.commit('model')
  await unmounted.ok('push')
  renameSync(place.path('mounted'), place.path('elsewhere'))
  await expectProblem(unmounted, ['push'], {
    code: 'REMOTE_NOT_FOUND',
    path: 'mounted',
    hint: /Mount it.*delete .*tables/,
  })
  expect(existsSync(place.path('mounted/packs'))).toBe(false)
  renameSync(place.path('elsewhere'), place.path('mounted'))
  await unmounted.ok('push')
})

describe('a disk', () => {
  test('that is full stops add, pull and push with one error, and nothing half-written', async ({ skip }) => {
    mkdirSync(place.path('tiny'))
    if (!mount('tmpfs', place.path('tiny'), 'size=6m')) return skip('mounting a small tmpfs is not allowed here')
    const full = await place.repository('full')
    await full.ok('cache', 'dir', place.path('tiny/cache'))
    full.write('large', noise(8 << 20, 1))
    full.write('data/one', noise(900_000, 2))
    for (let i = 0; i < 9; i++) full.write(`data/${i}`, noise(900_000, 10 + i))
    const before = treeOf(full.folder)
    for (const path of ['large', 'data'])
      await expectProblem(full, ['add', path], { code: 'DISK_FULL', path, hint: /space/ })
    expect(treeOf(full.folder)).toEqual(before)
    full.write('fits', 'fits')
    await full.ok('add', 'fits')

    await full.ok('cache', 'dir', place.path('roomy'))
    await full.ok('add', 'fits', 'large', 'data')
    await full.ok('remote', 'add', '-d', 'small', place.path('tiny/store'))
    await full.ok('remote', 'add', 'roomy', place.path('roomy-store'))
    await full.commit('all')
    await expectProblem(full, ['push'], { code: 'DISK_FULL', path: 'tiny/store' })
    await full.ok('push', '-r', 'roomy')

    const clone = await place.clone(full.folder, 'full-clone')
    rmSync(place.path('tiny/store'), { recursive: true })
    const small = { env: { ART_CACHE_DIR: place.path('tiny/clone-cache') } }
    await expectProblem(clone, ['pull', '-r', 'roomy'], { code: 'DISK_FULL', path: 'tiny/clone-cache', run: small })
    rmSync(place.path('tiny/clone-cache'), { recursive: true })
    await clone.ok('pull', '-r', 'roomy')
    expect(treeOf(clone.path('data'))).toEqual(treeOf(full.path('data')))
  })

  test('whose cache is read-only: what is there can be checked out, adding says why not', async ({ skip }) => {
    mkdirSync(place.path('shared'))
    if (!mount('tmpfs', place.path('shared'), 'size=20m')) return skip('mounting a tmpfs is not allowed here')
    const reader = await place.repository('reader')
    await reader.ok('cache', 'dir', place.path('shared/cache'))
    reader.write('large', noise(2 << 20, 3))
    reader.write('data/x', 'x')
    await reader.ok('add', 'large', 'data')
    const program = 'mount'
    execFileSync(program, ['-o', 'remount,ro', place.path('shared')])
    rmSync(reader.path('large'))
    rmSync(reader.path('data'), { recursive: true })
    await reader.ok('checkout')
    expect(await reader.json('status')).toMatchObject({ clean: true })
    reader.write('new', 'new')
    reader.write('new-large', noise(2 << 20, 4))
    const before = treeOf(reader.folder)
    for (const path of ['new', 'new-large']) {
      await expectProblem(reader, ['add', path], { code: 'PERMISSION', path: 'shared/cache', hint: /writable|mode/ })
    }
    expect(treeOf(reader.folder)).toEqual(before)
  })
})
