import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { findPointers } from './find.ts'
import { globToRegExp } from './glob.ts'
import { assertInside, repoPath } from './path.ts'
import { resolveTargets } from './resolve.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

function makePipe(path: string): void {
  const program = 'mkfifo'
  execFileSync(program, [path])
}

const resolved = async (names: string[], cwd = made.root) => {
  const { targets, failed } = await resolveTargets(await made.open(cwd), names)
  const paths = targets.map(({ artifact, inside }) =>
    inside === undefined ? artifact.path : `${artifact.path}:${inside}`,
  )
  return { paths, failed: failed.map(({ path, code, hint }) => ({ path, code, hint })) }
}

describe('pointers in the workspace', () => {
  it('are found everywhere but inside data, dependencies and other repositories', async () => {
    await made.pointer('a b/é.pth')
    await made.pointer('data', 'b', { kind: 'd' })
    await made.pointer('data/inner')
    await made.pointer('node_modules/x')
    await made.pointer('inner/x')
    made.git('init', '--quiet', 'inner')
    await made.pointer('other/x')
    mkdirSync(join(made.root, 'other/.art'))
    const { artifacts, failed } = await findPointers(await made.open())
    expect(artifacts.map(({ path }) => path)).toEqual(['a b/é.pth', 'data'])
    expect(artifacts[1]).toMatchObject({
      pointerPath: 'data.art',
      absolutePath: join(made.root, 'data'),
      pointer: { kind: 'd', files: 1 },
    })
    expect(failed).toEqual([])
  })

  it('do not keep each other from being read when one is broken', async () => {
    await made.pointer('good')
    made.write('bad.art', 'art: 1\n')
    made.write('conflict.art', '<<<<<<< HEAD\n=======\n>>>>>>> x\n')
    symlinkSync('good.art', join(made.root, 'link.art'))
    makePipe(join(made.root, 'pipe.art'))
    made.write('huge.art', 'x'.repeat((1 << 20) + 1))
    made.write('other.art', made.read('good.art'))
    const { artifacts, failed } = await findPointers(await made.open())
    expect(artifacts.map(({ path }) => path)).toEqual(['good'])
    expect(Object.fromEntries(failed.map(({ path, code }) => [path, code]))).toEqual({
      'bad.art': 'POINTER_INVALID',
      'conflict.art': 'POINTER_CONFLICT',
      'huge.art': 'POINTER_INVALID',
      'link.art': 'PATH_UNSAFE',
      'other.art': 'POINTER_INVALID',
      'pipe.art': 'POINTER_INVALID',
    })
    for (const { hint } of failed) expect(hint).toBeTruthy()
  })
})

describe('a target', () => {
  beforeEach(async () => {
    await made.pointer('models/a.pth')
    await made.pointer('models/b [1].pth')
    await made.pointer('data', 'b', { kind: 'd' })
    await made.pointer('-x')
    made.write('models/a.pth', 'here')
    made.write('loose.txt', '')
    made.write('code.py', '')
    made.git('add', 'code.py')
  })

  it('may be data, its pointer, a folder, a path inside a directory, a glob, or everything', async () => {
    expect((await resolved(['models/a.pth'])).paths).toEqual(['models/a.pth'])
    expect((await resolved(['models/a.pth.art', './models/a.pth'])).paths).toEqual(['models/a.pth'])
    expect((await resolved(['models/'])).paths).toEqual(['models/a.pth', 'models/b [1].pth'])
    expect((await resolved(['data/', 'data/sub/file'])).paths).toEqual(['data'])
    expect((await resolved(['data/sub/file'])).paths).toEqual(['data:sub/file'])
    expect((await resolved(['**/*.pth', '-x'])).paths).toEqual(['-x', 'models/a.pth', 'models/b [1].pth'])
    expect((await resolved(['models/b [1].pth'])).paths).toEqual(['models/b [1].pth'])
    expect((await resolved([])).paths).toHaveLength(4)
    expect((await resolved([], join(made.root, 'models'))).paths).toHaveLength(4)
    expect((await resolved(['.'], join(made.root, 'models'))).paths).toHaveLength(2)
    expect((await resolved(['*.pth', '../data'], join(made.root, 'models'))).paths).toEqual([
      'data',
      'models/a.pth',
      'models/b [1].pth',
    ])
  })

  it('that art does not track is answered with what to do', async () => {
    expect(await resolved(['models/c.pth', 'loose.txt', 'code.py', '../x', '*.none', 'models/a.pth'])).toEqual({
      paths: ['models/a.pth'],
      failed: [
        { path: 'models/c.pth', code: 'NOT_TRACKED', hint: 'Did you mean models/a.pth?' },
        { path: 'loose.txt', code: 'NOT_TRACKED', hint: 'Add it with `art add loose.txt`.' },
        { path: 'code.py', code: 'NOT_TRACKED', hint: 'Use git for it, such as `git checkout -- code.py`.' },
        { path: '../x', code: 'PATH_OUTSIDE', hint: `Name something below ${made.root}.` },
        { path: '*.none', code: 'NOT_TRACKED', hint: '`art status` lists what there is.' },
      ],
    })
  })

  it('is not reached through a link', async () => {
    symlinkSync('models', join(made.root, 'link'))
    expect((await resolved(['link/a.pth'])).failed).toEqual([expect.objectContaining({ code: 'PATH_UNSAFE' })])
    const repo = await made.open()
    for (const path of ['../x', 'a/../../x', 'link/x', '.git/hooks/x', '.ART/config.yaml', 'loose.txt/x']) {
      expect(() => assertInside(repo, path)).toThrow(expect.objectContaining({ code: 'PATH_UNSAFE' }))
    }
    assertInside(repo, 'new/folder/file')
    symlinkSync(made.root, join(made.base, 'alias'))
    expect(repoPath(repo, join(made.base, 'alias/models/a.pth'))).toBe('models/a.pth')
  })
})

describe('a glob', () => {
  it('matches names and folders as shells do', () => {
    const matches = (glob: string, path: string) => globToRegExp(glob).test(path)
    expect(matches('*.pth', 'a.pth')).toBe(true)
    expect(matches('*.pth', 'm/a.pth')).toBe(false)
    expect(matches('**/*.pth', 'a.pth')).toBe(true)
    expect(matches('**/*.pth', 'm/n/a.pth')).toBe(true)
    expect(matches('m/**', 'm/n/a')).toBe(true)
    expect(matches('a?[0-9]{x,yy}', 'a😀5yy')).toBe(true)
    expect(matches('[!a]b', 'ab')).toBe(false)
    expect(matches('a\\*', 'a*')).toBe(true)
    expect(() => globToRegExp('[a')).toThrow(/not complete/)
  })

  it('never fails in another way for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab/*?[]{},!-\\^$.()|+é😀') }), (glob) => {
        try {
          globToRegExp(glob)
        } catch (error) {
          expect(error).toMatchObject({ code: 'USAGE' })
        }
      }),
    )
  })
})
