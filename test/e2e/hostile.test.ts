import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Place, type Work } from './harness.ts'
import { expectPlainError, expectProblem } from './problem.ts'
import { sha256, treeOf } from './tree.ts'

let place: Place
let work: Work
const oid = sha256('good')
const pointer = (path: string, lines = ''): string => `art: 1\npath: ${path}\noid: sha256:${oid}\nsize: 4\n${lines}`

beforeAll(async () => {
  place = new Place()
  work = await place.repository('work')
  work.write('good', 'good')
  await work.ok('add', 'good')
})
afterAll(() => place.dispose())

const NESTED = `x: ${'['.repeat(5000)}${']'.repeat(5000)}\n`
const BOMB = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\n`

describe('a pointer from a stranger', () => {
  test.each([
    ['empty', ''],
    ['truncated', pointer('bad').slice(0, 60)],
    ['no YAML', 'art: 1\n\tpath: [x\n'],
    ['binary', '\u0000\u0001\u0002'],
    ['a list', '- 1\n'],
    ['of a newer format', pointer('bad').replace('art: 1', 'art: 99')],
    ['with a short oid', pointer('bad').replace(oid, 'abcd')],
    ['with another hash', pointer('bad').replace('sha256:', 'md5:')],
    ['with a negative size', pointer('bad').replace('size: 4', 'size: -4')],
    ['with a size beyond numbers', pointer('bad').replace('size: 4', 'size: 99999999999999999999')],
    ['with a path outside', pointer('../../outside')],
    ['with an absolute path', pointer('/tmp/outside')],
    ['with a drive', pointer('"C:\\\\outside"')],
    ['with a path into git', pointer('.git/hooks/post-checkout')],
    ['with another name than its own', pointer('good')],
    ['with a NUL', pointer('"bad\\0"')],
    ['a YAML bomb', pointer('bad', BOMB)],
    ['nested without end', pointer('bad', NESTED)],
    ['with a tag', pointer('bad', 'x: !!js/function "x"\n')],
    ['with a prototype', pointer('bad', '__proto__: {polluted: true}\n').replace('size: 4', 'size: x')],
    ['too large', pointer('bad', `# ${'x'.repeat(2 << 20)}\n`)],
  ])('%s is one error with its path', async (name, text) => {
    work.write('bad.art', text)
    const before = treeOf(work.folder)
    const code = /newer/.test(name) ? 'UNSUPPORTED' : 'POINTER_INVALID'
    await expectProblem(work, ['checkout', 'bad'], { code, path: 'bad.art' })
    const status = await work.art('status')
    expectPlainError(status)
    expect(status.stderr).toContain('bad.art')
    expect(treeOf(work.folder)).toEqual(before)
    expect(existsSync(place.path('outside'))).toBe(false)
  })

  test('is none of those that follow', () => rmSync(work.path('bad.art')))

  test('cannot reach into .git or .art, or through a link', async () => {
    for (const folder of ['.git/hooks', '.art']) {
      work.write(`${folder}/x.art`, pointer('x'))
      await expectProblem(work, ['checkout', `${folder}/x`], { code: 'PATH_UNSAFE', path: folder.slice(0, 4) })
      expect(existsSync(work.path(folder, 'x'))).toBe(false)
      rmSync(work.path(folder, 'x.art'))
    }
    mkdirSync(place.path('elsewhere'))
    symlinkSync(place.path('elsewhere'), work.path('link'))
    work.write('link/x.art', pointer('x'))
    await expectProblem(work, ['checkout', 'link/x'], { code: 'PATH_UNSAFE', path: 'link/x' })
    await work.ok('checkout')
    expect(existsSync(place.path('elsewhere/x'))).toBe(false)
    rmSync(work.path('link'))
    symlinkSync('good.art', work.path('alias.art'))
    await expectProblem(work, ['checkout', 'alias'], { code: 'PATH_UNSAFE', path: 'alias.art' })
    rmSync(work.path('alias.art'))
  })

  test('replaces a link at its own path, never what that points to', async () => {
    const victim = place.write('victim', 'precious')
    work.write('linked', 'good')
    await work.ok('add', 'linked')
    rmSync(work.path('linked'))
    symlinkSync(victim, work.path('linked'))
    await work.art('checkout', '--force', 'linked')
    expect(readFileSync(victim, 'utf8')).toBe('precious')
    expect(readFileSync(work.path('linked'), 'utf8')).toBe('good')
  })

  test('with a size or kind that does not fit its content restores nothing', async () => {
    for (const [text, code] of [
      [pointer('wrong').replace('size: 4', 'size: 5'), 'POINTER_INVALID'],
      [pointer('wrong').replace('oid:', 'kind: directory\nfiles: 1\noid:'), 'NOT_CACHED'],
      [pointer('wrong').replace(oid, sha256('other')), 'NOT_CACHED'],
    ] as const) {
      work.write('wrong.art', text)
      await expectProblem(work, ['checkout', 'wrong'], { code, path: 'wrong' })
      expect(existsSync(work.path('wrong'))).toBe(false)
    }
    rmSync(work.path('wrong.art'))
  })
})

test('a pointer in a merge conflict is named, by every command', async () => {
  const fork = await place.repository('fork')
  fork.write('m', 'base')
  fork.write('n', 'n')
  await fork.ok('remote', 'add', '-d', 'origin', '../fork-store')
  await fork.ok('add', 'm', 'n')
  await fork.commit('base')
  for (const side of ['left', 'right']) {
    await fork.git('checkout', '-q', '-B', side, 'main')
    fork.write('m', `${side} side`)
    await fork.ok('add', 'm')
    await fork.commit(side)
  }
  await place.run('git', ['merge', '-q', 'left'], { cwd: fork.folder })
  expect(readFileSync(fork.path('m.art'), 'utf8')).toContain('<<<<<<<')
  for (const args of [['status'], ['checkout'], ['push'], ['pull'], ['check']]) {
    await expectProblem(fork, args, { code: 'POINTER_CONFLICT', path: 'm.art', hint: /--ours/ })
  }
  const before = treeOf(fork.folder)
  expect((await fork.art('add', 'm')).code === 0 || treeOf(fork.folder)['m.art'] === before['m.art']).toBe(true)
})

describe('a configuration', () => {
  test.each([
    ['does not parse', 'art: 1\n  x: [\n'],
    ['is binary', '\u0000\u0001'],
    ['holds a bomb', BOMB],
    ['is a list', '- 1\n'],
  ])('that %s is one error with its path', async (_name, text) => {
    const config = readFileSync(work.path('.art/config.yaml'), 'utf8')
    onTestFinished(() => void work.write('.art/config.yaml', config))
    work.write('.art/config.yaml', text)
    await expectProblem(work, ['status'], { code: 'CONFIG_INVALID', path: 'config.yaml' })
    await expectProblem(work, ['config', 'core.jobs', '3'], { code: 'CONFIG_INVALID', path: 'config.yaml' })
    expect(readFileSync(work.path('.art/config.yaml'), 'utf8')).toBe(text)
  })

  test('with wrong values or keys says which', async () => {
    await expectProblem(work, ['config', 'core.jobs', 'many'], { code: 'USAGE', path: 'core.jobs', exit: 2 })
    await expectProblem(work, ['config', 'core.job', '3'], {
      code: 'USAGE',
      exit: 2,
      path: 'core.job',
      hint: /core\.jobs/,
    })
    await expectProblem(work, ['status'], {
      code: 'CONFIG_INVALID',
      path: 'ART_CORE_JOBS',
      run: { env: { ART_CORE_JOBS: 'x' } },
    })
  })

  test('never takes secrets into the file that git commits', async () => {
    await work.ok('remote', 'add', 's', 's3://bucket/x')
    await expectProblem(work, ['remote', 'modify', 's', 'secret_access_key', 'hunter2'], {
      code: 'USAGE',
      hint: /--local/,
      exit: 2,
    })
    expect(readFileSync(work.path('.art/config.yaml'), 'utf8')).not.toContain('hunter2')
    await work.ok('remote', 'modify', '--local', 's', 'secret_access_key', 'hunter2')
    expect((await work.ok('config')).stdout).not.toContain('hunter2')
    expect(await work.git('status', '--porcelain', '-uall')).not.toContain('config.local')
    await work.ok('remote', 'remove', 's')
  })
})

describe('wrong use', () => {
  test.each([
    [['frobnicate']],
    [['add', '--frob', 'x']],
    [['checkout', '-j', '3']],
    [['push', '-j', 'many']],
    [['remote', 'add', 'x']],
    [['mv', 'a']],
    [['status', '--color', 'pink']],
    [['version', 'too', 'many']],
  ])('%j exits 2 with a hint', async (args) => {
    await expectProblem(work, args, { code: 'USAGE', exit: 2 })
  })

  test('outside a repository, and in one that is there already', async () => {
    mkdirSync(place.path('nowhere'))
    await expectProblem(work, ['-C', place.path('nowhere'), 'status'], {
      code: 'NOT_A_REPOSITORY',
      path: 'nowhere',
      hint: /art init/,
    })
    await expectProblem(work, ['-C', place.path('absent'), 'status'], { code: 'NOT_FOUND', path: 'absent' })
    await expectProblem(work, ['init'], { code: 'ALREADY_A_REPOSITORY', path: 'work' })
  })

  test('verbs that art will not have are answered', async () => {
    const { stderr, code } = await work.art('repro')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^hint: /m)
  })
})
