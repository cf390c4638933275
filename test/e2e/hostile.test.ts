import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Place, type Work } from './harness.ts'
import { expectPlainError, expectProblem, problemsOf } from './problem.ts'
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

const STRANGE: Record<string, (name: string) => string> = {
  empty: () => '',
  truncated: (name) => pointer(name).slice(0, 60),
  'no-yaml': () => 'art: 1\n\tpath: [x\n',
  binary: () => '\u0000\u0001\u0002',
  list: () => '- 1\n',
  'short-oid': (name) => pointer(name).replace(oid, 'abcd'),
  'other-hash': (name) => pointer(name).replace('sha256:', 'md5:'),
  'negative-size': (name) => pointer(name).replace('size: 4', 'size: -4'),
  'size-beyond-numbers': (name) => pointer(name).replace('size: 4', 'size: 99999999999999999999'),
  outside: () => pointer('../../outside'),
  absolute: () => pointer('/tmp/outside'),
  drive: () => pointer('"C:\\\\outside"'),
  'into-git': () => pointer('.git/hooks/post-checkout'),
  'another-name': () => pointer('good'),
  nul: (name) => pointer(`"${name}\\0"`),
  bomb: (name) => pointer(name, BOMB),
  nested: (name) => pointer(name, NESTED),
  tag: (name) => pointer(name, 'x: !!js/function "x"\n'),
  prototype: (name) => pointer(name, '__proto__: {polluted: true}\n').replace('size: 4', 'size: x'),
  large: (name) => pointer(name, `# ${'x'.repeat(2 << 20)}\n`),
}

describe('a pointer from a stranger', () => {
  test('is one error with its path, whatever is wrong with it, and the others go on', async () => {
    const names = Object.keys(STRANGE).sort()
    for (const name of names) work.write(`${name}.art`, STRANGE[name]!(name))
    rmSync(work.path('good'))
    const before = treeOf(work.folder)
    const found = problemsOf(await work.art('checkout', '--json'))
    expect(found.map(({ path, code }) => `${code} ${path}`).sort()).toEqual(
      names.map((name) => `POINTER_INVALID ${name}.art`),
    )
    for (const { hint, path } of found) expect(hint, path ?? '').toBeTruthy()
    for (const verb of ['checkout', 'status', 'push']) {
      const { code, stderr, stdout } = await work.art(verb)
      expect(code, stdout + stderr).toBe(1)
      expectPlainError({ code, stdout, stderr })
      if (verb !== 'push') expect(stderr.match(/^error:/gm)).toHaveLength(names.length)
    }
    expect(readFileSync(work.path('good'), 'utf8')).toBe('good')
    expect(treeOf(work.folder)).toEqual({ ...before, good: oid })
    expect(existsSync(place.path('outside'))).toBe(false)
    for (const name of names) rmSync(work.path(`${name}.art`))
  })

  test('of a newer format asks for a newer art', async () => {
    work.write('newer.art', pointer('newer').replace('art: 1', 'art: 99'))
    await expectProblem(work, ['checkout', 'newer'], { code: 'UNSUPPORTED', path: 'newer.art', hint: /[Uu]pdate/ })
    rmSync(work.path('newer.art'))
  })

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
      [pointer('wrong').replace('oid:', 'kind: directory\nfiles: 1\noid:'), 'CORRUPT'],
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
