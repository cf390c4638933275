import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { eachRepository, freshName, place, work } from './fresh.ts'
import { type Outcome, type Work, Work as Folder } from './harness.ts'
import { sha256, treeOf } from './tree.ts'

let bare: string
eachRepository({ remote: true })
beforeEach(async () => {
  bare = place.path(freshName('bare'))
  await place.run('git', ['init', '-q', '--bare', '-b', 'main', bare])
  await work.git('remote', 'add', 'origin', bare)
})

const git = (at: Work, ...args: string[]): Promise<Outcome> => place.run('git', args, { cwd: at.folder })
const hook = (at: Work, name: string): string => at.path('.git/hooks', name)

function script(path: string, ...lines: string[]): void {
  const base = path.slice(0, path.lastIndexOf('/'))
  mkdirSync(base, { recursive: true })
  appendFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`)
  chmodSync(path, 0o755)
}

/** Everything that the remote can rebuild: found out by a clone that has nothing but git and the remote. */
async function canBePulled(rev: string): Promise<Record<string, string>> {
  const clone = await place.clone(bare, freshName('clone'))
  await clone.git('checkout', '-q', rev)
  await clone.ok('pull')
  return treeOf(clone.folder, ['.git', '.art', '.gitignore', '.gitattributes'])
}

async function save(path: string, content: string, message = content): Promise<void> {
  work.write(path, content)
  await work.ok('add', path)
  await work.commit(message)
}

describe('pre-commit', () => {
  test('blocks data that changed since its pointer, and content that is in no cache', async () => {
    await work.ok('install')
    await save('a', 'one')
    work.write('a', 'changed')
    work.write('code.py', 'pass')
    await work.git('add', 'code.py')
    const blocked = await git(work, 'commit', '-m', 'forgot to add')
    expect(blocked.code).not.toBe(0)
    expect(blocked.stderr).toMatch(/^error: .*changed.*: a\nhint: .*art add a/m)
    await work.ok('add', 'a')
    await work.commit('added')

    rmSync(work.path('.art/cache'), { recursive: true })
    work.write('b.art', `art: 1\npath: b\noid: sha256:${sha256('nowhere')}\nsize: 7\n`)
    await work.git('add', 'b.art')
    const uncached = await git(work, 'commit', '-m', 'by hand')
    expect(uncached.code).not.toBe(0)
    expect(uncached.stderr).toMatch(/^error: .*not in the cache.*: b$/m)
    await work.git('commit', '-q', '--no-verify', '-m', 'on my own account')
  })

  test('blocks a large file that is about to enter git', async () => {
    await work.ok('install')
    await work.ok('config', 'check.large_file', '1KB')
    work.write('big.bin', 'x'.repeat(2000))
    await work.git('add', '-A')
    const { code, stderr } = await git(work, 'commit', '-m', 'oops')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/big\.bin[^]*git rm --cached big\.bin/)
  })
})

test('git diff shows what pointers say, until the hooks are taken out', async () => {
  await work.ok('install')
  await work.ok('install')
  expect(await work.git('check-attr', 'diff', 'm.art')).toContain('diff: art')
  await save('m', 'one')
  work.write('m', 'three')
  await work.ok('add', 'm')
  const changed = await work.git('diff')
  expect(changed).toMatch(/^-size: 3$/m)
  expect(changed).toMatch(/^\+size: 5$/m)
  await work.git('config', 'diff.art.textconv', 'tr a-z A-Z <')
  await work.ok('install', '--remove')
  expect(await work.git('diff')).toContain('+SIZE: 5')
  await work.git('config', '--unset', 'diff.art.textconv')
  await work.ok('install')
  const elsewhere = await git(work, '-c', 'core.pager=cat', 'diff')
  expect(elsewhere.code).toBe(0)
  await work.ok('install', '--remove')
  expect((await git(work, 'config', 'diff.art.textconv')).code).toBe(1)
})

describe('post-checkout and post-merge', () => {
  test('bring the workspace along, and lose nothing', async () => {
    await work.ok('install')
    await save('a', 'on main')
    await work.git('checkout', '-q', '-b', 'other')
    await save('a', 'on other')
    await save('only', 'there')
    await work.git('checkout', '-q', 'main')
    expect(readFileSync(work.path('a'), 'utf8')).toBe('on main')
    expect(existsSync(work.path('only'))).toBe(false)
    await work.git('merge', '-q', 'other')
    expect(readFileSync(work.path('a'), 'utf8')).toBe('on other')
    expect(readFileSync(work.path('only'), 'utf8')).toBe('there')
    work.write('a', 'my work')
    const { stderr } = await git(work, 'checkout', '-q', 'HEAD~1')
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(readFileSync(work.path('a'), 'utf8')).toBe('my work')
  })

  test('name what only the remote has', async () => {
    await work.ok('install')
    await save('a', 'one')
    await work.git('push', '-q', 'origin', 'main')
    const clone = await place.clone(bare, freshName('clone'))
    await clone.ok('install')
    await save('a', 'two')
    await work.git('push', '-q', 'origin', 'main')
    const merged = await git(clone, 'pull', '-q')
    expect(merged.code).toBe(0)
    expect(merged.stderr).toMatch(/^error: .*: a$/m)
    await clone.ok('pull')
    expect(readFileSync(clone.path('a'), 'utf8')).toBe('two')
  })
})

describe('pre-push', () => {
  test('pushes what the leaving commits name, whatever is checked out', async () => {
    await work.ok('install')
    await save('a', 'one')
    await save('a', 'two')
    await work.git('checkout', '-q', '-b', 'side')
    await save('b', 'side')
    await work.git('checkout', '-q', 'main')
    const pushed = await git(work, 'push', 'origin', 'side')
    expect(pushed.code).toBe(0)
    expect(pushed.stdout + pushed.stderr).toMatch(/^art: pushed 3 artifacts/m)
    expect(await canBePulled('side')).toMatchObject({ a: sha256('two'), b: sha256('side') })
    expect(await canBePulled('origin/side~2')).toMatchObject({ a: sha256('one') })
    const again = await git(work, 'push', 'origin', 'main')
    expect(again.stdout + again.stderr).not.toMatch(/^art: /m)
  })

  test('tags too, and nothing for a deleted branch', async () => {
    await work.ok('install')
    await save('a', 'main')
    await work.git('push', '-q', 'origin', 'main')
    await work.git('checkout', '-q', '--detach')
    await save('a', 'tagged')
    await work.git('tag', '-a', '-m', 'first', 'v1')
    await work.git('checkout', '-q', 'main')
    await work.git('push', '-q', 'origin', 'v1')
    expect(await canBePulled('v1')).toMatchObject({ a: sha256('tagged') })
    await work.git('push', '-q', 'origin', 'main:gone')
    await work.git('push', '-q', 'origin', ':gone')
  })

  test('that fails stops git’s push, and says what is missing', async () => {
    await work.ok('install')
    await save('a', 'one')
    rmSync(work.path('.art/cache'), { recursive: true })
    const { code, stderr } = await git(work, 'push', 'origin', 'main')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/^error: .*: a$/m)
    expect((await place.run('git', ['-C', bare, 'branch'])).stdout).toBe('')
    await work.git('push', '-q', '--no-verify', 'origin', 'main')
  })
})

describe('hooks that exist already', () => {
  test('run first, with the same stdin, stop what they stop, and come back with --remove', async () => {
    script(hook(work, 'pre-push'), `cat > '${place.path('seen')}'`)
    script(hook(work, 'pre-commit'), `test ! -e '${place.path('veto')}'`)
    const before = treeOf(work.path('.git/hooks'), [])
    const installed = await work.json<{ chained: string[] }>('install')
    expect(installed.chained.sort()).toEqual(['pre-commit', 'pre-push'])
    const once = treeOf(work.path('.git/hooks'), [])
    await work.ok('install')
    expect(treeOf(work.path('.git/hooks'), [])).toEqual(once)
    await save('a', 'one')
    await work.git('push', '-q', 'origin', 'main')
    expect(readFileSync(place.path('seen'), 'utf8')).toMatch(
      /^refs\/heads\/main [0-9a-f]{40} refs\/heads\/main 0{40}\n$/,
    )
    expect(await canBePulled('main')).toMatchObject({ a: sha256('one') })
    place.write('veto', '')
    expect((await git(work, 'commit', '--allow-empty', '-m', 'no')).code).not.toBe(0)
    rmSync(place.path('veto'))
    await work.ok('install', '--remove')
    expect(treeOf(work.path('.git/hooks'), [])).toEqual(before)
  })

  test('core.hooksPath is honoured', async () => {
    await work.git('config', 'core.hooksPath', 'tools/hooks')
    await work.ok('install')
    expect(readdirSync(work.path('tools/hooks')).sort()).toEqual([
      'post-checkout',
      'post-merge',
      'pre-commit',
      'pre-push',
    ])
    await save('a', 'one')
    work.write('a', 'changed')
    expect((await git(work, 'commit', '--allow-empty', '-m', 'no')).code).not.toBe(0)
    await work.ok('install', '--remove')
    await work.git('commit', '-q', '--allow-empty', '-m', 'yes')
  })

  test('worktrees share the hooks, and the cache', async () => {
    await work.ok('install')
    await save('a', 'one')
    await work.git('branch', 'side')
    const tree = new Folder(place, place.path(freshName('tree')))
    await work.git('worktree', 'add', '-q', tree.folder, 'side')
    expect(readFileSync(tree.path('a'), 'utf8')).toBe('one')
    tree.write('a', 'changed')
    expect((await git(tree, 'commit', '--allow-empty', '-m', 'no')).code).not.toBe(0)
    await tree.ok('add', 'a')
    await tree.commit('in the worktree')
    await tree.git('push', '-q', 'origin', 'side')
    expect(await canBePulled('side')).toMatchObject({ a: sha256('changed') })
  })

  test('do nothing where a commit without art is checked out', async () => {
    const plain = await place.repository(freshName('plain'), { art: false })
    plain.write('x', 'x')
    await plain.commit('before art')
    await plain.git('checkout', '-q', '-b', 'with-art')
    await plain.ok('init')
    await plain.ok('install')
    await plain.commit('art')
    await plain.git('checkout', '-q', 'main')
    await plain.git('commit', '-q', '--allow-empty', '-m', 'still without')
  })
})

describe('husky 9', () => {
  test('keeps its hooks, and ours run beside them', async ({ skip }) => {
    work.write('package.json', '{"name":"x","version":"1.0.0","private":true}')
    const install = await place.run('npm', ['install', '--silent', '--no-audit', '--no-fund', 'husky@9'], {
      cwd: work.folder,
    })
    if (install.code !== 0) return skip('husky 9 cannot be installed from npm here')
    work.write('.gitignore', 'node_modules\n')
    const husky = async (): Promise<void> => {
      const { code, stderr } = await place.run(process.execPath, ['node_modules/husky/bin.js'], { cwd: work.folder })
      expect(code, stderr).toBe(0)
    }
    await husky()
    work.write('.husky/pre-commit', `touch '${place.path('husky-ran')}'\n`)
    await work.ok('install')
    await husky()
    await save('a', 'one')
    expect(existsSync(place.path('husky-ran'))).toBe(true)
    work.write('a', 'changed')
    expect((await git(work, 'commit', '--allow-empty', '-m', 'no')).code).not.toBe(0)
    await work.ok('add', 'a')
    await work.commit('two')
    await work.git('push', '-q', 'origin', 'main')
    expect(await canBePulled('main')).toMatchObject({ a: sha256('changed') })
    await work.ok('install', '--remove')
    expect(readdirSync(join(work.folder, '.husky')).filter((name) => !name.startsWith('_'))).toEqual(['pre-commit'])
    expect(readFileSync(work.path('.husky/pre-commit'), 'utf8')).toContain('husky-ran')
  })
})
