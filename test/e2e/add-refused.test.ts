import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { oneRepository, work } from './fresh.ts'
import { type Expected, expectProblem } from './problem.ts'
import { treeOf } from './tree.ts'

oneRepository()

/** An add that fails leaves every file of the workspace, pointers and ignore files among them, byte-identical. */
async function refuses(args: readonly string[], expected: Expected): Promise<void> {
  const before = treeOf(work.folder)
  await expectProblem(work, ['add', ...args], expected)
  expect(treeOf(work.folder)).toEqual(before)
}

test('what is not there, is outside, or is no data', async () => {
  await refuses(['nothing'], { code: 'NOT_FOUND', path: 'nothing' })
  await refuses(['no*thing'], { code: 'NOT_FOUND', path: 'no*thing' })
  await refuses(['../elsewhere'], { code: 'PATH_OUTSIDE', path: '../elsewhere' })
  await refuses(['/etc/passwd'], { code: 'PATH_OUTSIDE', path: '/etc/passwd' })
  await refuses(['.git/config'], { code: 'PATH_UNSAFE', path: '.git' })
  await refuses(['.art/config.yaml'], { code: 'PATH_UNSAFE', path: '.art' })
  await refuses(['.'], { code: 'USAGE', path: '.' })
  await refuses([''], { code: 'USAGE' })
})

test('a file that git tracks, with the command that changes it', async () => {
  work.write('tracked/a.bin', 'a')
  work.write('tracked dir/x', 'x')
  await work.git('add', '.')
  await refuses(['tracked/a.bin'], {
    code: 'TRACKED_BY_GIT',
    path: 'tracked/a.bin',
    hint: /git rm -r --cached tracked\/a\.bin/,
  })
  await refuses(['tracked dir'], {
    code: 'TRACKED_BY_GIT',
    path: 'tracked dir',
    hint: /git rm -r --cached 'tracked dir'/,
  })
  await work.git('commit', '-q', '-m', 'by mistake')
  await work.git('rm', '-q', '-r', '--cached', 'tracked/a.bin')
  await work.ok('add', 'tracked/a.bin')
})

test('a path where git would ignore the pointer', async () => {
  work.write('.gitignore', '/ignored/\n*.raw.art\n')
  work.write('ignored/a', 'a')
  work.write('b.raw', 'b')
  await refuses(['ignored/a'], { code: 'OVERLAP', path: 'ignored/a', hint: /rule/ })
  await refuses(['b.raw'], { code: 'OVERLAP', path: 'b.raw' })
})

test('paths that overlap', async () => {
  work.write('over/inner/a', 'a')
  await work.ok('add', 'over/inner')
  await refuses(['over'], { code: 'OVERLAP', path: 'over', hint: /art rm over\/inner/ })
})

test('links: to a folder, through a folder, to nothing', async () => {
  work.write('real/a', 'a')
  symlinkSync('real', work.path('link'))
  symlinkSync('nowhere', work.path('dangling'))
  await refuses(['link'], { code: 'SYMLINK', path: 'link', hint: /--dereference/ })
  await refuses(['link/a'], { code: 'PATH_UNSAFE', path: 'link/a' })
  await refuses(['dangling'], { code: 'NOT_FOUND', path: 'dangling' })
})

test('a link to a file is its content', async () => {
  work.write('target.bin', 'content')
  symlinkSync('target.bin', work.path('alias.bin'))
  const { added } = await work.json<{ added: { size: number }[] }>('add', 'alias.bin')
  expect(added).toMatchObject([{ size: 7 }])
  expect((await work.json<{ artifacts: { state: string }[] }>('status', 'alias.bin')).artifacts).toMatchObject([
    { state: 'new' },
  ])
})

test('pipes, and a repository inside a directory', async () => {
  work.write('special/a', 'a')
  const program = 'mkfifo'
  execFileSync(program, [work.path('special/pipe')])
  await refuses(['special'], { code: 'UNSUPPORTED', path: 'special/pipe' })
  await refuses(['special/pipe'], { code: 'UNSUPPORTED', path: 'special/pipe' })
  mkdirSync(work.path('outer/inner/.git'), { recursive: true })
  await refuses(['outer'], { code: 'PATH_UNSAFE', path: 'outer/inner' })
})

test('a name that is not UTF-8, by its name', async () => {
  mkdirSync(work.path('bytes'))
  writeFileSync(Buffer.concat([Buffer.from(work.path('bytes/')), Buffer.from([0x61, 0xff])]), 'x')
  await expectProblem(work, ['add', 'bytes'], { code: 'NAME_NOT_UTF8', path: 'bytes/a' })
  rmSync(work.path('bytes'), { recursive: true })
  expect(treeOf(work.folder)).not.toHaveProperty('bytes.art')
})

test('one that fails does not keep the others from being added', async () => {
  work.write('good', 'good')
  const { code, stdout, stderr } = await work.art('add', 'good', 'absent', 'missing')
  expect(code).toBe(1)
  expect(stdout).toMatch(/^added {2}good/)
  expect(stderr.match(/^error: .*/gm)).toEqual([expect.stringContaining('absent'), expect.stringContaining('missing')])
})

test('a failed update leaves the pointer as it was', async () => {
  work.write('kept/a', 'a')
  await work.ok('add', 'kept')
  symlinkSync('/etc/passwd', work.path('kept/out'))
  symlinkSync('../../x', work.path('kept/out2'))
  const before = treeOf(work.folder)
  const { code, stderr } = await work.art('add', 'kept')
  expect(code).toBe(1)
  expect(stderr.match(/^error: .*/gm)).toEqual([
    expect.stringContaining('kept/out'),
    expect.stringContaining('kept/out2'),
  ])
  expect(treeOf(work.folder)).toEqual(before)
  rmSync(work.path('kept/out'))
  rmSync(work.path('kept/out2'))
  expect((await work.ok('add', 'kept')).stdout).toMatch(/^unchanged/)
})
