import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, SERVERS } from '../server/s3.mjs'
import { DATA, Place, type Work } from './harness.ts'
import { noise, sha256, treeOf } from './tree.ts'

interface Backend {
  url: string
  flags: string[]
  env: Record<string, string>
  stop?: () => Promise<void>
}

interface Status {
  clean: boolean
  artifacts: { path: string; state: string; cloud?: string }[]
}

interface Moved {
  artifacts: number
  files: number
  bytes: { logical: number; new: number; transferred: number; stored: number }
  failed: unknown[]
}

async function inBucket(start: () => Promise<S3Server>): Promise<Backend> {
  const server = await start()
  await server.makeBucket('models')
  return {
    url: 's3://models/some/prefix',
    flags: ['--endpoint', server.endpoint, '--region', 'us-east-1'],
    env: { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey },
    stop: server.stop,
  }
}

function walk(open: () => Promise<Backend>): void {
  let place: Place
  let backend: Backend
  let ada: Work
  let bob: Work

  beforeAll(async () => {
    place = new Place()
    backend = await open()
    Object.assign(place.env, backend.env)
    ada = await place.repository('ada')
    mkdirSync(ada.path('models'))
    copyFileSync(join(DATA, 'simple_cnn.pth'), ada.path('models/cnn.pth'))
    ada.write('models/large.bin', noise(3 << 20, 1))
    for (let i = 0; i < 40; i++) ada.write(`data/train/${i % 4}/${i}.txt`, `row ${i}\n`)
  })

  afterAll(async () => {
    await backend?.stop?.()
    place?.dispose()
  })

  test('add, commit, push', async () => {
    await ada.ok('remote', 'add', '-d', 'origin', backend.url, ...backend.flags)
    const added = await ada.json<{ added: { path: string; oid: string; files?: number }[] }>(
      'add',
      'models/cnn.pth',
      'models/large.bin',
      'data',
    )
    expect(added.added.map(({ path, files }) => [path, files])).toEqual([
      ['models/cnn.pth', undefined],
      ['models/large.bin', undefined],
      ['data', 40],
    ])
    await ada.commit('first models')
    expect(await ada.git('ls-files')).not.toMatch(/cnn\.pth$|\.txt$|cache/m)
    const before = await ada.json<Status>('status', '-c')
    expect(before.artifacts.map(({ state, cloud }) => [state, cloud])).toEqual(
      Array.from({ length: 3 }, () => ['ok', 'missing']),
    )
    const pushed = await ada.json<Moved>('push')
    expect(pushed).toMatchObject({ artifacts: 3, files: 42, failed: [] })
    expect(pushed.bytes.new).toBeGreaterThanOrEqual(pushed.bytes.logical)
    expect(await ada.json<Status>('status', '-c')).toMatchObject({ clean: true })
    expect((await ada.json<Moved>('push')).bytes).toMatchObject({ new: 0, stored: 0 })
  })

  test('clone, pull: the same bytes on another machine', async () => {
    bob = await place.clone(ada.folder, 'bob')
    expect((await bob.json<Status>('status')).artifacts.map(({ state }) => state)).toEqual(
      Array(3).fill('not-in-cache'),
    )
    expect(await bob.json<Moved>('pull')).toMatchObject({ artifacts: 3, failed: [] })
    expect(treeOf(bob.folder)).toEqual(treeOf(ada.folder))
    expect(await bob.json<Status>('status', '-c')).toMatchObject({ clean: true })
    expect(await bob.git('status', '--porcelain')).toBe('')
  })

  test('retrain, add, push: only what changed travels', async () => {
    const large = noise(3 << 20, 1)
    large.fill(7, 1 << 20, (1 << 20) + 5000)
    bob.write('models/large.bin', large)
    bob.write('data/train/0/0.txt', 'changed\n')
    expect((await bob.ok('status')).stdout).toMatch(/modified.*data.*~1[^]*modified.*models\/large\.bin/)
    await bob.ok('add', '-u')
    await bob.commit('retrained')
    const { bytes } = await bob.json<Moved>('push')
    expect(bytes.new).toBeLessThan(512 << 10)
    expect(bytes.transferred).toBeLessThan(512 << 10)

    await ada.git('pull', '-q', bob.folder, 'main')
    const pulled = await ada.json<Moved>('pull')
    expect(pulled.bytes.transferred).toBeLessThan(512 << 10)
    expect(sha256(large)).toBe(treeOf(ada.path('models'))['large.bin'])
    expect(treeOf(ada.folder)).toEqual(treeOf(bob.folder))
  })

  test('diff between revisions, without either being checked out', async () => {
    const { artifacts } = await ada.json<{
      artifacts: { path: string; state: string; oid: string; files?: { path: string; state: string }[] }[]
    }>('diff', 'HEAD~1', 'HEAD')
    expect(artifacts.map(({ path, state }) => [path, state])).toEqual([
      ['data', 'modified'],
      ['models/large.bin', 'modified'],
    ])
    expect(artifacts[0]?.files).toMatchObject([{ path: 'train/0/0.txt', state: 'modified' }])
    expect((await ada.ok('diff', 'HEAD')).stdout).toMatch(/^no differences/)
    await ada.git('checkout', '-q', 'HEAD~1')
    await ada.ok('checkout')
    expect(sha256(noise(3 << 20, 1))).toBe(treeOf(ada.path('models'))['large.bin'])
  })
}

describe('the main job with a directory', () => {
  walk(async () => ({ url: '../store', flags: [], env: {} }))
})

for (const { name, start, installed } of SERVERS.filter((server) => server.name !== 'moto')) {
  describe(`the main job with ${name}`, () => {
    if (installed()) walk(() => inBucket(start))
    else test.skip(`${name} is not installed: run node test/server/install.mjs`, () => {})
  })
}
