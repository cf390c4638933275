import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { encodeRecipe, decodeRecipe, type Recipe } from '@art/core/recipe/recipe.ts'
import { type S3Server, SERVERS } from '../server/s3.mjs'
import { freshName } from './fresh.ts'
import { eachUser, here, place } from './get-place.ts'
import type { Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { noise } from './tree.ts'

const NET = noise(3_000_000, 1)
const SMALL = noise(5_000, 2)
const ABSENT = 'a'.repeat(64)

let origin: Work
let store: string
const oids = { net: '', small: '', empty: '', data: '' }

interface Got {
  path: string
  artifact: string
  kind: string
  oid: string
  size: number
  files?: number
  state: string
  from: string
  remote?: string
}

eachUser()
beforeAll(async () => {
  store = place.path('store')
  origin = await place.repository('team')
  await origin.ok('remote', 'add', '-d', 'origin', store)
  origin.write('net.bin', NET)
  origin.write('small.bin', SMALL)
  origin.write('empty.bin', '')
  origin.write('data/a.txt', 'a')
  origin.write('data/sub/b.bin', NET.subarray(0, 2_000_000))
  const { added } = await origin.json<{ added: { path: string; oid: string }[] }>(
    'add',
    'net.bin',
    'small.bin',
    'empty.bin',
    'data',
  )
  for (const { path, oid } of added) oids[path.replace('.bin', '') as keyof typeof oids] = oid
  await origin.commit('pointers')
  await origin.ok('push')
})

test('files and directories by what a pointer calls them, and nothing is left', async () => {
  expect(await here.json<Got>('get', `file://${store}`, `sha256:${oids.net}`, '-o', 'net.bin')).toMatchObject({
    path: 'net.bin',
    artifact: oids.net,
    kind: 'file',
    size: NET.length,
    state: 'written',
    from: 'remote',
  })
  expect(readFileSync(here.path('net.bin')).equals(NET)).toBe(true)
  expect(await here.json<Got>('get', '../store', oids.net, '-o', 'net.bin')).toMatchObject({ state: 'unchanged' })
  await here.ok('get', store, oids.small)
  expect(readFileSync(here.path(oids.small)).equals(SMALL)).toBe(true)
  await here.ok('get', store, oids.empty, '-o', 'empty')
  expect(readFileSync(here.path('empty'))).toHaveLength(0)
  expect(await here.json<Got>('get', store, oids.data)).toMatchObject({
    kind: 'directory',
    size: 2_000_001,
    files: 2,
  })
  expect(readFileSync(here.path(oids.data, 'a.txt'), 'utf8')).toBe('a')
  await here.ok('get', store, `${oids.data}/sub/b.bin`)
  expect(readFileSync(here.path('b.bin')).equals(NET.subarray(0, 2_000_000))).toBe(true)
  expect(readdirSync(here.folder).sort()).toEqual([oids.small, oids.data, 'b.bin', 'empty', 'net.bin'].sort())
})

test('a pointer that somebody sent names what it is, and where it belongs', async () => {
  here.write('mail/net.bin.art', readFileSync(origin.path('net.bin.art')))
  here.write('mail/data.art', readFileSync(origin.path('data.art')))
  expect(await here.json<Got>('get', store, 'mail/net.bin.art')).toMatchObject({ path: 'net.bin', artifact: 'net.bin' })
  expect(await here.json<Got>('get', store, 'mail/data.art', '-o', 'mail')).toMatchObject({
    path: 'mail/data',
    files: 2,
  })
  expect(readFileSync(here.path('net.bin')).equals(NET)).toBe(true)
  here.write('mail/other.bin.art', readFileSync(origin.path('net.bin.art')))
  await expectProblem(here, ['get', store, 'mail/other.bin.art'], { code: 'POINTER_INVALID', path: 'other.bin.art' })
})

test("in a repository a remote has its name, and the repository's cache keeps what comes", async () => {
  const mine = await place.repository(freshName('r'))
  await mine.ok('remote', 'add', 'theirs', store)
  expect(await mine.json<Got>('get', 'theirs', oids.net, '-o', 'a')).toMatchObject({ from: 'remote', remote: 'theirs' })
  expect(await mine.json<Got>('get', store, oids.net, '-o', 'b')).toMatchObject({ from: 'cache' })
})

test('what a remote does not know is said at once', async () => {
  for (const name of ['models/net.bin', 'net@v1.0.0', 'net#prod', 'net.bin.art'])
    await expectProblem(here, ['get', store, name], { code: 'USAGE', path: name, hint: /git repository/, exit: 2 })
  await expectProblem(here, ['get', store, oids.net.slice(0, 12)], { code: 'USAGE', hint: /64 digits/, exit: 2 })
  await expectProblem(here, ['get', store, oids.net, '--rev', 'main'], { code: 'USAGE', path: '--rev', exit: 2 })
  await expectProblem(here, ['get', store, oids.net, '-r', 'other'], { code: 'USAGE', path: '--remote', exit: 2 })
  await expectProblem(here, ['get', store, oids.net, '--region', 'x'], { code: 'USAGE', path: '--region', exit: 2 })
  await expectProblem(here, ['get', store, ABSENT], { code: 'MISSING_OBJECTS', path: ABSENT })
  await expectProblem(here, ['get', store, `${oids.data}/none`], { code: 'NOT_FOUND', path: `${oids.data}/none` })
  await expectProblem(here, ['get', store, `${oids.data}/../../x`], { code: 'PATH_OUTSIDE', path: '../../x' })
  await expectProblem(here, ['get', store, `${oids.net}/x`], { code: 'NOT_FOUND', path: oids.net })
  await expectProblem(here, ['get', here.folder, oids.net], { code: 'NOT_FOUND', path: here.folder })
  here.write('mine', 'mine')
  await expectProblem(here, ['get', store, oids.net, '-o', 'mine'], { code: 'WOULD_OVERWRITE', path: 'mine' })
  expect(readdirSync(here.folder)).toEqual(['mine'])
})

describe('a remote that somebody else can write to', () => {
  let other: string
  beforeEach(() => {
    other = place.path(freshName('other'))
    cpSync(store, other, { recursive: true })
  })

  const recipes = (oid: string, kind = 'f'): string => join(other, 'recipes', `${kind}-${oid}`)

  function recipeOf(oid: string): Recipe {
    const [name] = readdirSync(recipes(oid))
    return decodeRecipe(readFileSync(join(recipes(oid), name!)))
  }

  function put(recipe: Recipe, name: string): void {
    mkdirSync(recipes(recipe.oid, recipe.kind), { recursive: true })
    writeFileSync(join(recipes(recipe.oid, recipe.kind), name), encodeRecipe(recipe))
  }

  test('cannot give other bytes than those of the oid', async () => {
    put({ ...recipeOf(oids.net), oid: ABSENT }, '0'.repeat(16))
    put({ ...recipeOf(oids.net), oid: ABSENT, kind: 'd' }, '0'.repeat(16))
    put({ ...recipeOf(oids.small), oid: ABSENT }, '1'.repeat(16))
    await expectProblem(here, ['get', other, ABSENT], { code: 'MISSING_OBJECTS', path: ABSENT })
    await expectProblem(here, ['get', other, `${ABSENT}/x`], { code: 'MISSING_OBJECTS', path: ABSENT })
    expect(readdirSync(here.folder)).toEqual([])
  })

  test('keeps nobody from what is there by recipes that lie about it', async () => {
    put({ ...recipeOf(oids.small), oid: oids.net }, '0'.repeat(16))
    put({ ...recipeOf(oids.net), size: 2 ** 52 }, '1'.repeat(16))
    put({ ...recipeOf(oids.small), size: 0, runs: new Uint32Array(), packs: [] }, '0'.repeat(16))
    writeFileSync(join(recipes(oids.net), '2'.repeat(16)), 'no recipe')
    await here.ok('get', other, oids.net)
    expect(readFileSync(here.path(oids.net)).equals(NET)).toBe(true)
    await here.ok('get', other, oids.small)
    expect(readFileSync(here.path(oids.small)).equals(SMALL)).toBe(true)
  })

  test('is named where something of it is damaged', async () => {
    for (const pack of readdirSync(join(other, 'packs'))) {
      const bytes = readFileSync(join(other, 'packs', pack))
      writeFileSync(join(other, 'packs', pack), bytes.fill(0, 0, Math.min(bytes.length - 4096, 4000)))
    }
    await expectProblem(here, ['get', other, oids.net], { code: 'MISSING_OBJECTS', path: 'packs/', hint: /art push/ })
    for (const name of readdirSync(recipes(oids.net))) writeFileSync(join(recipes(oids.net), name), 'no recipe')
    await expectProblem(here, ['get', other, oids.net], { code: 'MISSING_OBJECTS', path: 'recipe' })
    writeFileSync(join(other, 'art-remote.json'), '{}')
    await expectProblem(here, ['get', other, oids.net], { code: 'REMOTE_DAMAGED', path: 'art-remote.json' })
    writeFileSync(join(other, 'art-remote.json'), '{"art":1,"read":["x"],"write":[],"gc":[]}')
    await expectProblem(here, ['get', other, oids.net], { code: 'REMOTE_FEATURE', path: 'x' })
    rmSync(join(other, 'art-remote.json'))
    await expectProblem(here, ['get', other, oids.net], { code: 'NOT_FOUND', path: other })
    expect(readdirSync(here.folder)).toEqual([])
  })
})

describe('an S3 remote', () => {
  const found = SERVERS.find(({ name, installed }) => name === 'versitygw' && installed())
  if (found === undefined) {
    test.skip('versitygw is not installed: run node test/server/install.mjs', () => {})
    return
  }
  let server: S3Server
  let env: Record<string, string>
  beforeAll(async () => {
    server = await found.start()
    await server.makeBucket('models')
    env = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey }
    await origin.ok('remote', 'add', 's3', 's3://models/x', '--endpoint', server.endpoint, '--region', 'us-east-1')
    expect((await origin.artWith({ env }, 'push', '-r', 's3')).code).toBe(0)
  })
  afterAll(() => server?.stop())

  const at = (): string[] => ['--endpoint', server.endpoint, '--region', 'us-east-1']

  test('is reached by what is typed, with the keys that the user has', async () => {
    const got = await here.artWith({ env }, 'get', 's3://models/x', oids.net, '-o', 'net.bin', ...at(), '--json')
    expect(JSON.parse(got.stdout)).toMatchObject({ from: 'remote', remote: 's3://models/x', oid: oids.net })
    expect(readFileSync(here.path('net.bin')).equals(NET)).toBe(true)
    // The server may be named by AWS's own variables, and keys by a profile.
    place.write(
      'home/.aws/credentials',
      `[lab]\naws_access_key_id=${server.accessKeyId}\naws_secret_access_key=${server.secretAccessKey}\n`,
    )
    const named = { AWS_ENDPOINT_URL_S3: server.endpoint, AWS_REGION: 'us-east-1' }
    const folder = await here.artWith({ env: named }, 'get', 's3://models/x/', oids.data, '--profile', 'lab', '-j', '2')
    expect(folder).toMatchObject({ code: 0 })
    expect(readdirSync(here.path(oids.data)).sort()).toEqual(['a.txt', 'sub'])
    here.write('small.bin.art', readFileSync(origin.path('small.bin.art')))
    expect((await here.artWith({ env }, 'get', 's3://models/x', 'small.bin.art', ...at())).code).toBe(0)
    expect(readFileSync(here.path('small.bin')).equals(SMALL)).toBe(true)
  })

  test('is told from a place where none is, and from one that keeps us out', async () => {
    const run = { env }
    await expectProblem(here, ['get', 's3://models/wrong', oids.net, ...at()], {
      code: 'REMOTE_NOT_FOUND',
      path: 's3://models/wrong',
      run,
    })
    await expectProblem(here, ['get', 's3://no-such-bucket/x', oids.net, ...at()], {
      code: 'REMOTE_NOT_FOUND',
      path: 'no-such-bucket',
      run,
    })
    await expectProblem(here, ['get', 's3://models/x', ABSENT, ...at()], { code: 'MISSING_OBJECTS', path: ABSENT, run })
    await expectProblem(here, ['get', 's3://models/x', 'net@v1.0.0', ...at()], { code: 'USAGE', exit: 2, run })
    await expectProblem(here, ['get', 's3://models/x', oids.net, ...at()], { code: 'REMOTE_AUTH' })
    const wrong = { env: { ...env, AWS_SECRET_ACCESS_KEY: 'nobody-has-this-one' } }
    await expectProblem(here, ['get', 's3://models/x', oids.net, ...at()], { code: 'REMOTE_AUTH', run: wrong })
    expect(readdirSync(here.folder)).toEqual([])
  })
})
