import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eachRepository, place, work } from './fresh.ts'
import { Work } from './harness.ts'
import { problemsOf } from './problem.ts'
import { noise, sha256, treeOf } from './tree.ts'

interface Added {
  added: { path: string; pointer: string; oid: string; size: number; files?: number; state: string }[]
  gitPaths: string[]
}

eachRepository()

const read = (path: string) => readFileSync(work.path(path), 'utf8')
const addedPaths = (result: Added) => result.added.map(({ path }) => path)

describe('adding', () => {
  test('a file writes its pointer, with the oid that sha256sum prints, and has git ignore it', async () => {
    work.write('models/a b.pth', 'weights')
    const { added, gitPaths } = await work.json<Added>('add', 'models/a b.pth')
    expect(added).toEqual([
      { path: 'models/a b.pth', pointer: 'models/a b.pth.art', oid: sha256('weights'), size: 7, state: 'added' },
    ])
    expect(gitPaths).toEqual(['models/a b.pth.art', 'models/.gitignore'])
    expect(read('models/a b.pth.art')).toBe(`art: 1\npath: a b.pth\noid: sha256:${sha256('weights')}\nsize: 7\n`)
    expect(await work.git('status', '--porcelain', '-uall', 'models')).toBe(
      '?? models/.gitignore\n?? "models/a b.pth.art"',
    )
  })

  test('twice changes nothing at all', async () => {
    work.write('a.bin', 'a')
    work.write('data/x', 'x')
    await work.ok('add', 'a.bin', 'data')
    const before = treeOf(work.folder)
    const { added, gitPaths } = await work.json<Added>('add', 'a.bin', 'data/')
    expect(added.map(({ state }) => state)).toEqual(['unchanged', 'unchanged'])
    expect(gitPaths).toEqual([])
    expect(treeOf(work.folder)).toEqual(before)
  })

  test('keeps comments and keys that art does not know', async () => {
    work.write('a.bin', 'a')
    await work.ok('add', 'a.bin')
    work.write('a.bin.art', `# trained by Ada\n${read('a.bin.art')}license: MIT # ours\nmeta:\n  epoch: 3\n`)
    work.write('a.bin', 'second')
    await work.ok('add', 'a.bin')
    expect(read('a.bin.art')).toBe(
      `# trained by Ada\nart: 1\npath: a.bin\noid: sha256:${sha256('second')}\nsize: 6\nlicense: MIT # ours\nmeta:\n  epoch: 3\n`,
    )
  })

  test('works from a sub-folder, with -C, with a pointer, and with a path through ..', async () => {
    work.write('sub/deep/a', 'a')
    work.write('b', 'b')
    const deep = new Work(place, work.path('sub/deep'))
    expect(addedPaths(await deep.json<Added>('add', 'a', '../../b'))).toEqual(['a', '../../b'])
    expect((await deep.ok('add', 'a')).stdout).toMatch(/unchanged {2}a /)
    expect(addedPaths(await work.json<Added>('-C', 'sub', 'add', 'deep/a.art'))).toEqual(['deep/a'])
    expect(
      (await work.json<{ artifacts: { path: string }[] }>('status', '-C', 'sub')).artifacts.map((a) => a.path),
    ).toEqual(['../b', 'deep/a'])
  })

  test('-u takes every modified artifact, below a path if one is given', async () => {
    for (const path of ['one/a', 'two/b', 'c']) work.write(path, path)
    work.write('dir/x', 'x')
    await work.ok('add', 'one/a', 'two/b', 'c', 'dir')
    expect((await work.ok('add', '-u')).stdout).toMatch(/^nothing to add/)
    for (const path of ['one/a', 'two/b', 'dir/y']) work.write(path, `${path} changed`)
    expect(addedPaths(await work.json<Added>('add', '-u', 'one'))).toEqual(['one/a'])
    expect(addedPaths(await work.json<Added>('commit'))).toEqual(['dir', 'two/b'])
    expect((await work.art('add')).code).toBe(2)
  })

  test('--dry-run writes nothing', async () => {
    work.write('a', 'a')
    const before = treeOf(work.folder, ['.git'])
    expect(addedPaths(await work.json<Added>('add', '-n', 'a'))).toEqual(['a'])
    const after = treeOf(work.folder, ['.git'])
    expect(Object.keys(after).filter((path) => !(path in before) && !/^\.art\/(cache|tmp|index)\//.test(path))).toEqual(
      [],
    )
    expect(Object.keys(after).filter((path) => /cache\/(objects|packs)\/./.test(path))).toEqual([])
  })

  test('takes globs, quoted, and a file whose name looks like one as itself', async () => {
    for (const path of ['m/a.pth', 'm/b.pth', 'm/n/c.pth', 'm/x.txt', 'm/[1].pth']) work.write(path, path)
    expect(addedPaths(await work.json<Added>('add', 'm/[1].pth'))).toEqual(['m/[1].pth'])
    expect(addedPaths(await work.json<Added>('add', '--glob', 'm/?.pth'))).toEqual(['m/a.pth', 'm/b.pth'])
    expect(addedPaths(await work.json<Added>('add', 'm/**/*.pth')).sort()).toEqual([
      'm/[1].pth',
      'm/a.pth',
      'm/b.pth',
      'm/n/c.pth',
    ])
  })

  test('a file inside a tracked directory updates the directory', async () => {
    work.write('data/x', 'x')
    const { added } = await work.json<Added>('add', 'data')
    work.write('data/sub/new', 'new')
    const again = await work.json<Added>('add', 'data/sub/new')
    expect(again.added).toMatchObject([{ path: 'data', files: 2, state: 'updated' }])
    expect(again.added[0]?.oid).not.toBe(added[0]?.oid)
    expect(treeOf(work.folder)).not.toHaveProperty('data/sub/new.art')
  })

  test('overwriting or deleting the data afterwards loses nothing', async () => {
    for (const [path, size] of [
      ['small', 10],
      ['large', 2 << 20],
    ] as const)
      work.write(path, noise(size, 3))
    work.write('dir/a', 'a')
    await work.ok('add', 'small', 'large', 'dir')
    const before = treeOf(work.folder)
    work.write('small', 'overwritten')
    const large = work.path('large')
    appendFileSync(large, 'more')
    rmSync(work.path('dir'), { recursive: true })
    await work.ok('checkout', '--force')
    expect(treeOf(work.folder)).toEqual(before)
  })

  test('empty files and folders, modes and symbolic links come back as they were', async () => {
    work.write('empty.bin', '')
    work.write('tool.sh', '#!/bin/sh\n')
    chmodSync(work.path('tool.sh'), 0o755)
    work.write('data/run.sh', '#!/bin/sh\n')
    chmodSync(work.path('data/run.sh'), 0o755)
    work.write('data/empty', '')
    mkdirSync(work.path('data/hollow/inner'), { recursive: true })
    symlinkSync('run.sh', work.path('data/link'))
    symlinkSync('hollow', work.path('data/to-folder'))
    mkdirSync(work.path('nothing'))
    await work.ok('add', 'empty.bin', 'tool.sh', 'data', 'nothing')
    const before = treeOf(work.folder)
    for (const path of ['empty.bin', 'tool.sh', 'data', 'nothing']) rmSync(work.path(path), { recursive: true })
    await work.ok('checkout')
    expect(treeOf(work.folder)).toEqual(before)
    expect((await work.json<{ clean: boolean }>('status')).clean).toBe(true)
    chmodSync(work.path('data/run.sh'), 0o644)
    expect((await work.ok('status')).stdout).toMatch(/^modified {2}data/)
  })

  test('a symbolic link that leaves the directory is refused, or followed with --dereference', async () => {
    work.write('elsewhere/model', 'outside')
    work.write('data/x', 'x')
    symlinkSync('../elsewhere/model', work.path('data/out'))
    const refused = await work.art('add', 'data')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/error: .*: data\/out\nhint: .*--dereference/)
    expect(treeOf(work.folder)).not.toHaveProperty('data.art')
    await work.ok('add', '--dereference', 'data')
    rmSync(work.path('data'), { recursive: true })
    await work.ok('checkout')
    expect(treeOf(work.path('data'))).toEqual({ x: sha256('x'), out: sha256('outside') })
  })

  test('.artignore leaves files out, and they stay where they are', async () => {
    work.write('data/.artignore', '*.tmp\n!keep.tmp\n/logs/\n')
    for (const path of ['a', 'x.tmp', 'keep.tmp', 'logs/l', 'sub/logs/l']) work.write(`data/${path}`, path)
    expect((await work.json<Added>('add', 'data')).added).toMatchObject([{ files: 4 }])
    work.write('data/x.tmp', 'changed')
    expect((await work.json<{ artifacts: { state: string }[] }>('status')).artifacts).toMatchObject([{ state: 'new' }])
    rmSync(work.path('data/a'))
    await work.ok('checkout')
    expect(Object.keys(treeOf(work.path('data')))).toEqual(
      expect.arrayContaining(['.artignore', 'a', 'keep.tmp', 'logs/l', 'sub/logs/l', 'x.tmp']),
    )
  })

  test('with autostage git has the pointers, without it the git line is printed', async () => {
    work.write('-a b', 'x')
    const { stdout } = await work.ok('add', '--', '-a b')
    const line = stdout.split('\n').find((text) => text.includes('git add')) as string
    await place.run('sh', ['-ec', line.trim()], { cwd: work.folder })
    expect(await work.git('diff', '--cached', '--name-only')).toBe('-a b.art\n.gitignore')
    await work.ok('config', 'core.autostage', 'true')
    work.write('b', 'b')
    expect((await work.ok('add', 'b')).stdout).not.toContain('git add')
    expect(await work.git('diff', '--cached', '--name-only')).toContain('b.art')
  })

  test('a folder and what is in it, named together, is the folder', async () => {
    for (const path of ['data/x', 'data/sub/y']) work.write(path, path)
    expect(addedPaths(await work.json<Added>('add', 'data/sub/y', 'data', 'data/x'))).toEqual(['data'])
    expect(Object.keys(treeOf(work.path('data')))).toEqual(['sub/', 'sub/y', 'x'])
  })

  test('a file that is written to meanwhile is refused, or is exactly what the pointer says', async () => {
    const writer = `const fs = require('fs'), b = Buffer.alloc(1 << 20)
      const fd = fs.openSync('busy', 'r+')
      for (let i = 0; ; i++) { b.fill(i); fs.writeSync(fd, b, 0, b.length, (i % 24) << 20) }`
    work.write('busy', noise(24 << 20, 4))
    let pid = 0
    const writing = place.run(process.execPath, ['-e', writer], { cwd: work.folder, onStart: (id) => (pid = id) })
    const outcomes = [await work.art('add', 'busy', '--json'), await work.art('add', 'busy', '--json')]
    process.kill(pid)
    await writing
    for (const outcome of outcomes) {
      const codes = problemsOf(outcome).map(({ code }) => code)
      expect(codes).toEqual(outcome.code === 0 ? [] : ['CHANGED_WHILE_READ'])
    }
    await work.ok('add', 'busy')
    const oid = sha256(readFileSync(work.path('busy')))
    expect(read('busy.art')).toContain(oid)
    rmSync(work.path('busy'))
    await work.ok('checkout')
    expect(sha256(readFileSync(work.path('busy')))).toBe(oid)
  })
})
