import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eachRepository, work } from './fresh.ts'
import { expectProblem, problemsOf } from './problem.ts'
import { noise, sha256, treeOf } from './tree.ts'

interface Done {
  added: string[]
  modified: string[]
  removed: string[]
  unchanged: string[]
  files: number
}

eachRepository()

const objects = () =>
  Object.keys(treeOf(work.path('.art/cache'), [])).filter((path) => !path.endsWith('/') && !path.endsWith('.gitignore'))

describe('checkout', () => {
  test('restores what was deleted, and only that', async () => {
    for (const path of ['a', 'b', 'dir/x', 'dir/sub/y']) work.write(path, path)
    await work.ok('add', 'a', 'b', 'dir')
    const before = treeOf(work.folder)
    const { ino } = statSync(work.path('dir/x'))
    rmSync(work.path('a'))
    rmSync(work.path('dir/sub'), { recursive: true })
    const done = await work.json<Done>('checkout')
    expect(done).toMatchObject({ added: ['a'], modified: ['dir'], removed: [], unchanged: ['b'], files: 2 })
    expect(treeOf(work.folder)).toEqual(before)
    expect(statSync(work.path('dir/x')).ino).toBe(ino)
    expect((await work.ok('checkout', '--summary')).stdout).toMatch(/^the workspace already matches/)
  })

  test('never destroys what is in no cache: each is named, the rest goes on', async () => {
    for (const path of ['a', 'b', 'gone', 'dir/x', 'dir/y', 'dir/z']) work.write(path, path)
    await work.ok('add', 'a', 'b', 'gone', 'dir')
    work.write('a', 'my work')
    work.write('dir/x', 'my work too')
    work.write('dir/new', 'untracked')
    rmSync(work.path('gone'))
    rmSync(work.path('b'))
    mkdirSync(work.path('b'))
    work.write('b/inner', 'in the way')
    const outcome = await work.art('checkout', '--json')
    expect(outcome.code).toBe(1)
    expect(
      problemsOf(outcome)
        .map(({ path, code }) => [path, code])
        .sort((a, b) => String(a).localeCompare(String(b))),
    ).toEqual([
      ['a', 'WOULD_OVERWRITE'],
      ['b', 'WOULD_OVERWRITE'],
      ['dir/new', 'WOULD_OVERWRITE'],
      ['dir/x', 'WOULD_OVERWRITE'],
    ])
    expect(treeOf(work.folder)).toMatchObject({
      a: sha256('my work'),
      gone: sha256('gone'),
      'b/inner': sha256('in the way'),
      'dir/x': sha256('my work too'),
      'dir/new': sha256('untracked'),
      'dir/y': sha256('dir/y'),
      'dir/z': sha256('dir/z'),
    })
    await work.ok('checkout', '--force')
    expect((await work.json<{ clean: boolean }>('status')).clean).toBe(true)
    expect(existsSync(work.path('dir/new'))).toBe(false)
  })

  test('--dry-run tells and does nothing', async () => {
    for (const path of ['a', 'dir/x']) work.write(path, path)
    await work.ok('add', 'a', 'dir')
    rmSync(work.path('a'))
    rmSync(work.path('dir/x'))
    const before = treeOf(work.folder)
    expect(await work.json<Done>('checkout', '-n')).toMatchObject({ added: ['a'], modified: ['dir'] })
    expect(treeOf(work.folder)).toEqual(before)
  })

  test('one file inside a directory', async () => {
    for (const path of ['dir/x', 'dir/y', 'dir/sub/z']) work.write(path, path)
    await work.ok('add', 'dir')
    rmSync(work.path('dir'), { recursive: true })
    await work.ok('checkout', 'dir/sub')
    expect(Object.keys(treeOf(work.path('dir')))).toEqual(['sub/', 'sub/z'])
    await work.ok('checkout', 'dir/x')
    expect(Object.keys(treeOf(work.path('dir')))).toEqual(['sub/', 'sub/z', 'x'])
    await expectProblem(work, ['checkout', 'dir/none'], { code: 'NOT_FOUND', path: 'dir/none' })
  })

  test('follows git from branch to branch, and takes away only what is unmodified', async () => {
    work.write('both', 'on main')
    work.write('data/x', 'x')
    await work.ok('add', 'both', 'data')
    await work.commit('main')
    await work.git('checkout', '-q', '-b', 'other')
    work.write('both', 'on other')
    work.write('data/x', 'changed')
    work.write('only-here', 'only on other')
    work.write('stays', 'only on other')
    work.write('more/y', 'y')
    await work.ok('add', 'both', 'data', 'only-here', 'stays', 'more')
    await work.commit('other')
    work.write('stays', 'modified since')
    await work.git('checkout', '-q', 'main')
    const done = await work.json<Done>('checkout')
    expect(done.modified.sort()).toEqual(['both', 'data'])
    expect(done.removed.sort()).toEqual(expect.arrayContaining(['only-here']))
    expect(readFileSync(work.path('stays'), 'utf8')).toBe('modified since')
    expect(existsSync(work.path('only-here'))).toBe(false)
    expect(existsSync(work.path('more/y'))).toBe(false)
    expect(readFileSync(work.path('both'), 'utf8')).toBe('on main')
    await work.git('checkout', '-q', 'other')
    expect((await work.art('checkout')).code).toBe(1)
    expect(readFileSync(work.path('stays'), 'utf8')).toBe('modified since')
    expect(readFileSync(work.path('only-here'), 'utf8')).toBe('only on other')
    expect(readFileSync(work.path('data/x'), 'utf8')).toBe('changed')
  })

  test('a file that became a directory, and back', async () => {
    work.write('thing', 'a file')
    await work.ok('add', 'thing')
    await work.commit('file')
    rmSync(work.path('thing'))
    work.write('thing/inner', 'a directory')
    await work.ok('add', 'thing')
    await work.commit('directory')
    await work.git('checkout', '-q', 'HEAD~1')
    await work.ok('checkout')
    expect(readFileSync(work.path('thing'), 'utf8')).toBe('a file')
    await work.git('checkout', '-q', 'main')
    await work.ok('checkout')
    expect(treeOf(work.path('thing'))).toEqual({ inner: sha256('a directory') })
  })

  test('what the cache lacks is named, and the others are restored', async () => {
    for (const path of ['a', 'b']) work.write(path, noise(1 << 20, path.charCodeAt(0)))
    await work.ok('add', 'a', 'b')
    const oid = sha256(readFileSync(work.path('a')))
    for (const path of objects().filter((name) => name.replaceAll('/', '').includes(oid.slice(2)))) {
      rmSync(work.path('.art/cache', path))
    }
    rmSync(work.path('a'))
    rmSync(work.path('b'))
    await expectProblem(work, ['checkout'], { code: 'NOT_CACHED', path: 'a', hint: /art pull/ })
    expect(existsSync(work.path('b'))).toBe(true)
    expect(existsSync(work.path('a'))).toBe(false)
  })

  test('bytes that are damaged in the cache never reach the workspace', async () => {
    work.write('large', noise(2 << 20, 5))
    work.write('small/x', 'x'.repeat(5000))
    await work.ok('add', 'large', 'small')
    for (const path of objects()) {
      const full = work.path('.art/cache', path)
      const bytes = readFileSync(full)
      const at = Math.min(1000, bytes.length >> 1)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      chmodSync(full, 0o644)
      writeFileSync(full, bytes)
    }
    rmSync(work.path('large'))
    rmSync(work.path('small'), { recursive: true })
    const outcome = await work.art('checkout', '--json')
    expect(outcome.code).toBe(1)
    const codes = problemsOf(outcome).map(({ code }) => code)
    expect(codes.length).toBeGreaterThan(1)
    for (const code of codes) expect(['CORRUPT', 'NOT_CACHED']).toContain(code)
    expect(Object.keys(treeOf(work.folder)).filter((path) => /^(large|small\/.+)$/.test(path))).toEqual([])
  })
})

describe('link types', () => {
  test.each(['hardlink', 'symlink'])('%s: large files are links, read-only, and can be replaced', async (type) => {
    await work.ok('config', 'cache.type', type)
    work.write('large', noise(2 << 20, 7))
    work.write('dir/large', noise(2 << 20, 8))
    work.write('dir/small', 'small')
    await work.ok('add', 'large', 'dir')
    const before = sha256(readFileSync(work.path('large')))
    const isLink = (path: string) => {
      const stat = lstatSync(work.path(path))
      return type === 'symlink' ? stat.isSymbolicLink() : stat.nlink > 1
    }
    expect(isLink('large')).toBe(true)
    expect(statSync(work.path('large')).mode & 0o222).toBe(0)
    expect(isLink('dir/large')).toBe(true)
    rmSync(work.path('dir'), { recursive: true })
    await work.ok('checkout')
    expect(isLink('dir/large')).toBe(true)
    expect(isLink('dir/small')).toBe(false)
    expect((await work.json<{ clean: boolean }>('status')).clean).toBe(true)
    expect((await work.json<Done>('checkout')).unchanged.sort()).toEqual(['dir', 'large'])

    rmSync(work.path('large'))
    work.write('large', noise(2 << 20, 9))
    await work.ok('add', 'large')
    expect(isLink('large')).toBe(true)
    expect(objects().length).toBeGreaterThan(0)
    await work.ok('config', 'cache.type', 'copy')
    await work.ok('checkout', '--relink')
    expect(isLink('large')).toBe(false)
    expect(isLink('dir/large')).toBe(false)
    expect(statSync(work.path('large')).mode & 0o200).toBe(0o200)
    expect(sha256(readFileSync(work.path('large')))).not.toBe(before)
    expect((await work.json<{ clean: boolean }>('status')).clean).toBe(true)
  })

  test('--relink makes links of copies', async () => {
    work.write('large', noise(2 << 20, 11))
    await work.ok('add', 'large')
    await work.ok('config', 'cache.type', 'hardlink')
    await work.ok('checkout', '--relink', 'large')
    expect(lstatSync(work.path('large')).nlink).toBeGreaterThan(1)
    expect(sha256(readFileSync(work.path('large')))).toBe(sha256(noise(2 << 20, 11)))
  })
})
