import { existsSync, readFileSync, rmSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { oneRepository, place, work } from './fresh.ts'
import type { Work } from './harness.ts'
import { expectProblem } from './problem.ts'
import { treeOf } from './tree.ts'

const STRANGE = [
  'with space',
  ' leading and trailing ',
  'new\nline',
  'tab\tand\rreturn',
  'emoji 🦊 é',
  'e\u0301 decomposed',
  '-rf',
  '--force',
  '#comment',
  '!bang',
  'star*[x]?',
  'quo\'te"s',
  'colon: yes',
  '- item',
  'null',
  '0x10',
  '~',
  '.hidden',
  '...',
  '日本語',
  '\u001b[31mred',
]

let clone: Work

oneRepository()
beforeAll(async () => {
  await work.ok('remote', 'add', '-d', 'origin', '../store')
})

test('single files of any name are added, hidden from git, and pulled elsewhere', async () => {
  for (const name of STRANGE) work.write(`files/${name}`, name)
  await work.ok('add', '--', ...STRANGE.map((name) => `files/${name}`))
  await work.commit('strange names')
  const tracked = (await work.git('ls-files', '-z', 'files')).split('\0').filter((name) => name !== '')
  expect(tracked.sort()).toEqual(['files/.gitignore', ...STRANGE.map((name) => `files/${name}.art`)].sort())
  await work.ok('push')
  clone = await place.clone(work.folder, 'clone')
  await clone.ok('pull')
  expect(treeOf(clone.folder)).toEqual(treeOf(work.folder))
  expect((await clone.json<{ clean: boolean }>('status', '-c')).clean).toBe(true)
})

test('a newline is written ? in .gitignore', () => {
  expect(readFileSync(work.path('files/.gitignore'), 'utf8')).toContain('/new?line\n')
})

test('each can be named on the command line, in the workspace and through globs', async () => {
  for (const name of STRANGE) rmSync(clone.path(`files/${name}`))
  for (const name of ['-rf', '#comment', 'new\nline']) {
    await clone.ok('-C', 'files', 'checkout', '--', name)
    expect(existsSync(clone.path(`files/${name}`))).toBe(true)
  }
  await clone.ok('checkout')
  expect(treeOf(clone.folder)).toEqual(treeOf(work.folder))
})

test('directories hold such names and those of 255 bytes', async () => {
  const names = [...STRANGE, 'x'.repeat(255), `${'é'.repeat(127)}y`]
  for (const name of names) {
    work.write(`data/${name}`, name)
    work.write(`data/in/${name}/${name}`, name)
  }
  await work.ok('add', 'data')
  await work.commit('a directory')
  await work.ok('push')
  await clone.git('pull', '-q')
  await clone.ok('pull')
  expect(treeOf(clone.path('data'))).toEqual(treeOf(work.path('data')))
})

test('tracked directories of any name', async () => {
  const names = ['dir with space', '-d', 'new\ndir', '#dir', 'x'.repeat(251)]
  for (const name of names) work.write(`dirs/${name}/x`, name)
  await work.ok('-C', 'dirs', 'add', '--', ...names)
  await work.commit('directories')
  expect(await work.git('status', '--porcelain')).toBe('')
  const before = treeOf(work.folder)
  for (const name of names) rmSync(work.path('dirs', name), { recursive: true })
  await work.ok('checkout')
  expect(treeOf(work.folder)).toEqual(before)
})

test('a backslash is a name inside a directory, with a warning, and no name for an artifact', async () => {
  work.write('slashes/back\\slash', 'x')
  expect((await work.ok('add', 'slashes')).stderr).toMatch(/^warning: .*back\\slash/m)
  work.write('single\\file', 'x')
  await expectProblem(work, ['add', 'single\\file'], { code: 'PATH_UNSAFE', path: 'single\\file' })
})

test('a single file whose pointer name would not fit is refused', async () => {
  work.write('x'.repeat(252), 'x')
  await expectProblem(work, ['add', 'x'.repeat(252)], {
    code: 'NAME_TOO_LONG',
    path: 'xxx',
    hint: /directory|folder|shorter/i,
  })
})

test('two names that differ in case only are warned about', async () => {
  work.write('cases/Model.bin', 'a')
  work.write('cases/model.bin', 'b')
  const { stderr } = await work.ok('add', 'cases')
  expect(stderr).toMatch(/^warning: .*[Mm]odel\.bin/m)
  const { warnings } = await work.json<{ warnings: { path: string }[] }>('add', 'cases')
  expect(warnings.length).toBeGreaterThan(0)
})
