import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eachRepository, freshName, place, store, work } from './fresh.ts'
import { type Work } from './harness.ts'
import { expectProblem, problemsOf } from './problem.ts'
import { noise, sha256, treeOf } from './tree.ts'

interface Moved {
  artifacts: number
  files: number
  bytes: { logical: number; new: number; transferred: number }
  would?: { path: string; size: number }[]
}

eachRepository({ remote: true })

const remoteFiles = (): string[] =>
  existsSync(store) ? Object.keys(treeOf(store)).filter((path) => !path.endsWith('/')) : []
const payload = (): string[] => remoteFiles().filter((path) => !path.startsWith('roots/'))
const freshClone = () => place.clone(work.folder, freshName('clone'))
const loseCache = (from: Work): void => rmSync(from.path('.art/cache'), { recursive: true })
const wouldPaths = (moved: Moved): string[] => (moved.would ?? []).map(({ path }) => path).sort()

async function commitFiles(
  files: Record<string, string | Uint8Array>,
  message: string,
  add = Object.keys(files),
): Promise<void> {
  for (const [path, content] of Object.entries(files)) work.write(path, content)
  await work.ok('add', ...add)
  await work.commit(message)
}

test('a second push sends no content, and an equal artifact elsewhere sends nothing new', async () => {
  await commitFiles({ a: noise(300_000, 1), 'd/x': 'x' }, 'one', ['a', 'd'])
  await work.ok('push')
  const before = payload()
  expect((await work.json<Moved>('push')).bytes.new).toBe(0)
  expect(payload()).toEqual(before)
  await commitFiles({ copy: noise(300_000, 1) }, 'two')
  expect((await work.json<Moved>('push')).bytes.new).toBe(0)
  expect(payload()).toEqual(before)
})

test('--dry-run lists what would travel and sends nothing', async () => {
  await commitFiles({ a: 'a', b: 'bb' }, 'one')
  expect(wouldPaths(await work.json<Moved>('push', '-n'))).toEqual(['a', 'b'])
  expect(remoteFiles()).toEqual([])
  await work.ok('push', 'a')
  expect(wouldPaths(await work.json<Moved>('push', '--dry-run'))).toEqual(['b'])
  await work.ok('push')
  const clone = await freshClone()
  expect(wouldPaths(await clone.json<Moved>('pull', '-n'))).toEqual(['a', 'b'])
  expect(wouldPaths(await clone.json<Moved>('fetch', '-n', 'b'))).toEqual(['b'])
  expect(existsSync(clone.path('a'))).toBe(false)
})

test('pull and fetch never write to the remote', async () => {
  await commitFiles({ a: noise(2 << 20, 2), 'd/x': 'x' }, 'one', ['a', 'd'])
  await work.ok('push')
  const before = treeOf(store)
  const clone = await freshClone()
  await clone.ok('fetch')
  await clone.ok('pull')
  await clone.ok('status', '-c')
  expect(treeOf(store)).toEqual(before)
})

test('fetch fills the cache only; checkout then needs no remote', async () => {
  await commitFiles({ a: 'a', 'd/x': 'x' }, 'one', ['a', 'd'])
  await work.ok('push')
  const clone = await freshClone()
  await clone.ok('fetch')
  expect(existsSync(clone.path('a'))).toBe(false)
  rmSync(store, { recursive: true })
  await clone.ok('checkout')
  expect(treeOf(clone.folder)).toEqual(treeOf(work.folder))
})

test('pulling a part of a directory brings that part alone', async () => {
  await commitFiles({ 'd/sub/a': 'a', 'd/sub/deep/b': 'b', 'd/other': noise(3 << 20, 3) }, 'one', ['d'])
  await work.ok('push')
  const clone = await freshClone()
  const moved = await clone.json<Moved>('pull', 'd/sub')
  expect(moved).toMatchObject({ artifacts: 1, files: 2, bytes: { logical: 2 } })
  expect(moved.bytes.transferred).toBeLessThan(100_000)
  expect(Object.keys(treeOf(clone.path('d')))).toEqual(['sub/', 'sub/a', 'sub/deep/', 'sub/deep/b'])
  await clone.ok('pull', 'd/other')
  expect(treeOf(clone.path('d'))).toEqual(treeOf(work.path('d')))
  expect(await clone.json('status')).toMatchObject({ clean: true })
})

test('missing objects are named one by one, exit 1, and the rest goes', async () => {
  await commitFiles({ a: noise(1 << 20, 4), b: 'b', c: 'c', 'd/x': 'x', 'd/y': 'y' }, 'one', ['a', 'b', 'c', 'd'])
  loseCache(work)
  work.write('c', 'c')
  await work.ok('add', 'c')
  const pushed = await work.art('push', '--json')
  expect(pushed.code).toBe(1)
  expect(
    problemsOf(pushed)
      .map(({ path, code }) => `${code} ${path}`)
      .sort((a, b) => a.localeCompare(b)),
  ).toEqual(['MISSING_OBJECTS a', 'MISSING_OBJECTS b', 'MISSING_OBJECTS d'])
  const clone = await freshClone()
  const pulled = await clone.art('pull', '--json')
  expect(pulled.code).toBe(1)
  expect(
    problemsOf(pulled)
      .map(({ path }) => path)
      .sort((a, b) => String(a).localeCompare(String(b))),
  ).toEqual(['a', 'b', 'd'])
  expect(treeOf(clone.folder)).toMatchObject({ c: sha256('c') })
  const { stderr } = await clone.art('pull')
  expect(stderr.match(/^error:/gm)).toHaveLength(3)
  expect(stderr.match(/^hint:/gm)).toHaveLength(1)
})

test('what could not be fetched counts for nothing, and what is incomplete in the workspace has failed', async () => {
  await commitFiles({ 'd/x': noise(300_000, 5), 'd/y': noise(300_000, 6), f: noise(300_000, 8) }, 'one', ['d', 'f'])
  await work.ok('push')
  const packs = payload().filter((path) => path.startsWith('packs/'))
  await commitFiles({ 'd/z': noise(300_000, 7), e: 'e' }, 'two', ['d', 'e'])
  await work.ok('push')
  for (const path of packs) {
    // Tables, at the end, stay: it is the contents that cannot be had.
    const bytes = readFileSync(join(store, path))
    for (let i = 200; i < bytes.length - 8192; i += 50) bytes[i]! ^= 1
    writeFileSync(join(store, path), bytes)
  }
  const clone = await freshClone()
  const pulled = await clone.art('pull', '--json')
  expect(pulled.code).toBe(1)
  expect(JSON.parse(pulled.stdout)).toMatchObject({
    artifacts: 1,
    files: 1,
    bytes: { logical: 1 },
    checkout: {
      added: ['e'],
      modified: [],
      unchanged: [],
      failed: [{ path: 'd', message: '2 of its 3 files are not in the cache' }, { path: 'f' }],
    },
  })
  expect(Object.keys(treeOf(clone.path('d')))).toEqual(['z'])
  const again = await clone.art('pull')
  expect(again.stdout).toBe('nothing was received: see what is missing\nthe workspace already matches: 1 artifact\n')
  expect(again.stderr.match(/^error:/gm)).toHaveLength(3)
  expect(await clone.json('status')).toMatchObject({
    artifacts: [
      { path: 'd', state: 'not-in-cache', absent: 2, changes: { removed: 2 } },
      { path: 'e', state: 'ok' },
      { path: 'f', state: 'not-in-cache' },
    ],
  })
  expect((await clone.ok('status')).stdout).toMatch(/not-in-cache: `art pull/)
  await clone.ok('add', '-u')
  expect((await clone.git('status', '--porcelain', 'd.art')).trim()).toBe('')
  clone.write('d/new', 'new')
  const { stdout } = await clone.ok('status', 'd')
  expect(stdout).toMatch(/^modified +d .*\+1 -2/)
  expect(stdout).toContain('2 files are absent and not cached')
  expect(stdout).not.toContain('keeps it')
})

test('remotes: an unknown one, none, another one with -r, read_only', async () => {
  await commitFiles({ a: 'a' }, 'one')
  await expectProblem(work, ['push', '-r', 'nowhere'], { code: 'REMOTE_UNKNOWN', path: 'nowhere', hint: /origin/ })
  await work.ok('remote', 'add', 'backup', '../backup-store')
  await work.ok('push', '-r', 'backup')
  expect(await work.json('status', '-c', '-r', 'backup')).toMatchObject({ clean: true })
  expect(await work.json('status', '-c')).toMatchObject({ clean: false })
  await work.ok('remote', 'modify', 'backup', 'read_only', 'true')
  await expectProblem(work, ['push', '-r', 'backup'], { code: 'REMOTE_READ_ONLY', path: 'backup-store' })
  const bare = await place.repository('no-remote')
  bare.write('x', 'x')
  await bare.ok('add', 'x')
  await expectProblem(bare, ['push'], { code: 'REMOTE_UNKNOWN', hint: /art remote add/ })
})

test('branches, tags, commits and revisions that are not checked out', async () => {
  await commitFiles({ a: 'one' }, 'one')
  await work.git('tag', 'v1')
  await commitFiles({ a: 'two' }, 'two')
  await commitFiles({ a: 'three' }, 'three')
  await work.git('checkout', '-q', '-b', 'side')
  await commitFiles({ a: 'side', s: 's' }, 'side')
  await work.git('checkout', '-q', 'main')
  await work.ok('checkout')
  const sizes = async (...flags: string[]) =>
    ((await work.json<Moved>('push', '-n', ...flags)).would ?? []).map(({ path, size }) => `${path} ${size}`).sort()
  expect(await sizes()).toEqual(['a 5'])
  expect(await sizes('--all-tags')).toEqual(['a 3'])
  expect(await sizes('--rev', 'main~1', '--rev', 'v1')).toEqual(['a 3', 'a 3'])
  expect(await sizes('--all-branches')).toEqual(['a 4', 'a 5', 's 1'])
  expect(await sizes('-A')).toEqual(['a 3', 'a 3', 'a 4', 'a 5', 's 1'])
  expect(await sizes('--all-branches', 's')).toEqual(['s 1'])
  await expectProblem(work, ['push', '--rev', 'nope'], { code: 'GIT', path: 'nope' })
  await expectProblem(work, ['push', '--rev=--upload-pack=x'], { code: 'USAGE', path: '--upload-pack', exit: 2 })
  await work.ok('push', '--all-commits')
  const clone = await freshClone()
  await clone.ok('fetch', '--all-commits')
  rmSync(store, { recursive: true })
  for (const [rev, content] of [
    ['v1', 'one'],
    ['main~1', 'two'],
    ['main', 'three'],
    ['origin/side', 'side'],
  ] as const) {
    await clone.git('checkout', '-q', rev)
    await clone.ok('checkout')
    expect(treeOf(clone.folder)['a']).toBe(sha256(content))
  }
})

test('status tells not-in-cache, missing and what the remote lacks', async () => {
  await commitFiles({ a: 'a', b: 'b', 'd/x': 'x' }, 'one', ['a', 'b', 'd'])
  await work.ok('push', 'a')
  rmSync(work.path('b'))
  const states = async (from: Work, ...flags: string[]) => {
    const { artifacts } = await from.json<{ artifacts: { path: string; state: string; cloud?: string }[] }>(
      'status',
      ...flags,
    )
    return artifacts.map(({ path, state, cloud }) => [path, state, cloud])
  }
  expect(await states(work, '-c')).toEqual([
    ['a', 'ok', 'ok'],
    ['b', 'missing', 'missing'],
    ['d', 'ok', 'missing'],
  ])
  expect((await work.art('status', '-q')).code).toBe(1)
  expect((await work.art('status')).code).toBe(0)
  loseCache(work)
  expect((await states(work)).map(([, state]) => state)).toEqual(['not-in-cache', 'not-in-cache', 'not-in-cache'])
  expect((await states(work, 'd')).map(([path]) => path)).toEqual(['d'])
})

test('a pull refuses what would be lost, as checkout does, and --force takes it', async () => {
  await commitFiles({ a: 'one', b: 'one' }, 'one')
  await work.ok('push')
  const clone = await freshClone()
  clone.write('a', 'mine')
  const pulled = await clone.art('pull', '--json')
  expect(pulled.code).toBe(1)
  expect(problemsOf(pulled).map(({ path, code }) => [path, code])).toEqual([['a', 'WOULD_OVERWRITE']])
  expect(treeOf(clone.folder)).toMatchObject({ a: sha256('mine'), b: sha256('one') })
  await clone.ok('pull', '--force')
  expect(treeOf(clone.folder)).toMatchObject({ a: sha256('one') })
})

test('a remote that lost or damaged objects is found out, and a new push repairs it', async () => {
  await commitFiles({ a: noise(1 << 20, 6) }, 'one')
  await work.ok('push')
  for (const path of remoteFiles().filter((name) => name.startsWith('packs/'))) rmSync(join(store, path))
  expect(await work.json('status', '-c')).toMatchObject({ clean: false })
  const clone = await freshClone()
  const pulled = await clone.art('pull', '--json')
  expect(pulled.code).toBe(1)
  expect(problemsOf(pulled).map(({ path }) => path)).toEqual(['a'])
  await work.ok('push')
  await clone.ok('pull')
  expect(treeOf(clone.folder)).toEqual(treeOf(work.folder))
})
