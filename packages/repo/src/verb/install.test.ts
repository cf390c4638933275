import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { init } from './init.ts'
import { install } from './install.ts'
import { HOOKS } from '../hook/names.ts'
import { readHookScript, writeHookScript } from '../hook/script.ts'

let made: TemporaryRepo
let log: string
beforeEach(async () => {
  made = await TemporaryRepo.create()
  made.commit('first')
  log = join(made.base, 'log')
  const folder = join(made.base, 'bin')
  mkdirSync(folder)
  // Stands for art: notes how it is called and what it reads, and fails where told to.
  writeFileSync(
    join(folder, 'art'),
    `#!/bin/sh\n{ printf '[art]'; printf ' %s' "$@"; echo; cat; } >>'${log}'\nexit \${ART_EXIT-0}\n`,
  )
  chmodSync(join(folder, 'art'), 0o755)
  made.environment['PATH'] = `${folder}${delimiter}${made.environment['PATH']}`
})
afterEach(() => made.remove())

const hooks = (path = '.git/hooks') => join(made.root, path)

function script(path: string, text: string, mode = 0o755): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}

function calls(): string[] {
  const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
  rmSync(log, { force: true })
  return text.split('\n').filter((line) => line !== '')
}

function git(environment: NodeJS.ProcessEnv, ...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('git', args, {
    cwd: made.root,
    env: { ...made.environment, ...environment },
    encoding: 'utf8',
  })
  return { status, stderr }
}

/** Names, modes and contents, to compare. */
function snapshot(folder: string): Record<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.sample')) : []
  return Object.fromEntries(
    names.map((name) => [name, `${statSync(join(folder, name)).mode} ${readFileSync(join(folder, name), 'utf8')}`]),
  )
}

describe('installed hooks', () => {
  it('are called by git with its arguments and its input', async () => {
    expect((await install(await made.open())).installed).toEqual([...HOOKS])
    made.write('x', '1')
    made.git('add', 'x')
    expect(git({}, 'commit', '-qm', 'x').status).toBe(0)
    expect(calls()).toEqual(['[art] -C . hook pre-commit'])
    const head = made.git('rev-parse', 'HEAD')
    git({}, 'checkout', '-q', '-b', 'side')
    expect(calls()).toEqual([`[art] -C . hook post-checkout ${head} ${head} 1`])
    made.write('y', '1')
    made.commit()
    const side = made.git('rev-parse', 'HEAD')
    git({}, 'checkout', '-q', 'main')
    calls()
    git({}, 'merge', '-q', 'side')
    expect(calls()).toEqual(['[art] -C . hook post-merge 0'])
    made.gitIn(made.base, 'init', '-q', '--bare', 'there.git')
    made.git('remote', 'add', 'origin', '../there.git')
    expect(git({}, 'push', '-q', 'origin', 'main').status).toBe(0)
    expect(calls()).toEqual([
      '[art] -C . hook pre-push origin ../there.git',
      `refs/heads/main ${side} refs/heads/main ${'0'.repeat(40)}`,
    ])
  })

  it('stop a commit or a push that art refuses, but never a checkout', async () => {
    await install(await made.open())
    made.write('x', '1')
    made.git('add', 'x')
    expect(git({ ART_EXIT: '1' }, 'commit', '-qm', 'x').status).toBe(1)
    made.gitIn(made.base, 'init', '-q', '--bare', 'there.git')
    expect(git({ ART_EXIT: '1' }, 'push', '-q', '../there.git', 'main').status).toBe(1)
    expect(made.gitIn(join(made.base, 'there.git'), 'for-each-ref')).toBe('')
    expect(git({ ART_EXIT: '1' }, 'checkout', '-q', '-b', 'side').status).toBe(0)
    expect(git({ ART_EXIT: '1' }, 'push', '-q', '--no-verify', '../there.git', 'main').status).toBe(0)
  })

  it('keep hooks that were there running first, with the same bytes, and stop where those stop', async () => {
    const existing = `#!/bin/sh\nprintf '[kept]' >>'${log}'; printf ' %s' "$@" >>'${log}'; echo >>'${log}'; cat >>'${log}'\nexit \${KEPT_EXIT-0}\n`
    script(join(hooks(), 'pre-push'), existing)
    script(join(hooks(), 'pre-commit'), `#!/bin/sh\nexit \${KEPT_EXIT-0}\n`)
    const before = snapshot(hooks())
    expect((await install(await made.open())).chained).toEqual(['pre-commit', 'pre-push'])
    made.gitIn(made.base, 'init', '-q', '--bare', 'there.git')
    const first = made.git('rev-parse', 'HEAD')
    git({}, 'push', '-q', '../there.git', 'main')
    const line = `refs/heads/main ${first} refs/heads/main ${'0'.repeat(40)}`
    expect(calls()).toEqual([
      '[kept] ../there.git ../there.git',
      line,
      '[art] -C . hook pre-push ../there.git ../there.git',
      line,
    ])
    expect(git({ KEPT_EXIT: '3' }, 'push', '-q', '../there.git', 'main:other').status).toBe(1)
    expect(calls().filter((call) => call.startsWith('[art]'))).toEqual([])
    expect(git({ KEPT_EXIT: '3' }, 'commit', '-q', '--allow-empty', '-m', 'x').status).toBe(1)
    expect((await install(await made.open(), { remove: true })).removed).toEqual([...HOOKS])
    expect(snapshot(hooks())).toEqual(before)
  })

  it('are the same after a second install, and gone after a removal', async () => {
    const before = snapshot(hooks())
    await install(await made.open())
    const after = snapshot(hooks())
    await install(await made.open())
    expect(snapshot(hooks())).toEqual(after)
    await install(await made.open(), { remove: true })
    expect(snapshot(hooks())).toEqual(before)
    expect((await install(await made.open(), { remove: true })).removed).toEqual([])
  })

  it('lose no hook to a second one', async () => {
    script(join(hooks(), 'pre-push'), 'one')
    await install(await made.open())
    script(join(hooks(), 'pre-push'), 'two')
    await expect(install(await made.open())).rejects.toMatchObject({ code: 'HOOK', path: join(hooks(), 'pre-push') })
    expect([
      readFileSync(join(hooks(), 'pre-push'), 'utf8'),
      readFileSync(join(hooks(), 'pre-push.before-art'), 'utf8'),
    ]).toEqual(['two', 'one'])
  })

  it('leave a hook alone that was not executable, as git does', async () => {
    script(join(hooks(), 'pre-commit'), '#!/bin/sh\nexit 1\n', 0o644)
    await install(await made.open())
    expect(git({}, 'commit', '-q', '--allow-empty', '-m', 'x').status).toBe(0)
  })

  it('go where core.hooksPath says, relative or absolute, with awkward names', async () => {
    for (const path of ["my hooks'", join(made.base, 'shared')]) {
      made.git('config', 'core.hooksPath', path)
      const { hooksPath } = await install(await made.open())
      expect(hooksPath).toBe(join(path.startsWith('/') ? '' : made.root, path))
      git({}, 'commit', '-q', '--allow-empty', '-m', 'x')
      expect(calls()).toEqual(['[art] -C . hook pre-commit'])
    }
  })

  it('work in linked worktrees', async () => {
    made.git('worktree', 'add', '-q', '../tree')
    const { hooksPath } = await install(await made.open(join(made.base, 'tree')))
    expect(hooksPath).toBe(hooks())
    made.gitIn(join(made.base, 'tree'), 'commit', '-q', '--allow-empty', '-m', 'x')
    expect(calls()).toEqual(['[art] -C . hook pre-commit'])
  })

  it('serve several art repositories in one git repository, and none where the branch has none', async () => {
    const other = new TemporaryRepo()
    other.environment['PATH'] = made.environment['PATH']
    try {
      other.git('init', '-q')
      other.commit('empty')
      for (const name of ['a b', "it's"]) {
        other.write(`${name}/x`, '')
        await init({ cwd: join(other.root, name), subdir: true, environment: other.environment })
        await install(await other.open(join(other.root, name)))
      }
      other.commit('both')
      expect(calls()).toEqual(['[art] -C a b hook pre-commit', "[art] -C it's hook pre-commit"])
      await install(await other.open(join(other.root, 'a b')), { remove: true })
      other.git('commit', '-q', '--allow-empty', '-m', 'x')
      expect(calls()).toEqual(["[art] -C it's hook pre-commit"])
      other.git('checkout', '-q', 'HEAD~2')
      expect(calls()).toEqual([])
    } finally {
      other.remove()
    }
  })

  it('fall back on the program that installed them, and say what is missing without it', async () => {
    const program = { node: '/bin/sh', script: join(made.base, "it's art.js") }
    writeFileSync(program.script, `echo "[fallback] $*" >>'${log}'\n`)
    await install(await made.open(), { program })
    const bare = mkdtempSync(join(made.base, 'bare-'))
    for (const tool of ['git', 'sh', 'cat', 'grep'])
      symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(bare, tool))
    const PATH = bare
    expect(git({ PATH }, 'commit', '-q', '--allow-empty', '-m', 'x').status).toBe(0)
    expect(calls()).toEqual(['[fallback] -C . hook pre-commit'])
    rmSync(program.script)
    const refused = git({ PATH }, 'commit', '-q', '--allow-empty', '-m', 'x')
    expect(refused).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /^art: the pre-commit hook finds no art in PATH\. Install it with npm install --global \. in a clone .*--no-verify.*\n$/,
      ),
    })
    const warned = git({ PATH }, 'checkout', '-q', '-b', 'side')
    expect(warned).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^art: the post-checkout hook finds no art in PATH\..*\n$/),
    })
  })

  it('lie beside the user’s own with husky, which rewrites its folder, and name no path of this machine', async () => {
    // The layout that husky 9 writes.
    for (const hook of HOOKS) script(hooks(`.husky/_/${hook}`), '#!/usr/bin/env sh\n. "$(dirname "$0")/h"')
    const h =
      'n=$(basename "$0")\ns=$(dirname "$(dirname "$0")")/$n\n[ ! -f "$s" ] && exit 0\nexport PATH="node_modules/.bin:$PATH"\nsh -e "$s" "$@"\nexit $?\n'
    script(hooks('.husky/_/h'), h)
    made.git('config', 'core.hooksPath', '.husky/_')
    script(hooks('.husky/pre-commit'), `echo '[user]' >>'${log}'\n`, 0o644)
    const { hooksPath } = await install(await made.open(), {
      program: { node: '/nowhere/node', script: '/nowhere/art.js' },
    })
    expect(hooksPath).toBe(hooks('.husky'))
    expect(readFileSync(hooks('.husky/pre-commit'), 'utf8')).not.toContain('nowhere')
    git({}, 'commit', '-q', '--allow-empty', '-m', 'x')
    expect(calls()).toEqual(['[user]', '[art] -C . hook pre-commit'])
    await install(await made.open(), { remove: true })
    expect(readdirSync(hooks('.husky')).sort()).toEqual(['_', 'pre-commit'])
  })

  it('live with the pre-commit framework installed before or after them', async () => {
    // What `pre-commit install` does: moves the hook, and runs it first, with this variable.
    const framework = `#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n[ -n "$PRE_COMMIT_RUNNING_LEGACY" ] && exit 9
echo '[framework]' >>'${log}'\nif [ -x "$0.legacy" ]; then PRE_COMMIT_RUNNING_LEGACY=1 "$0.legacy" "$@"; fi\n`
    script(hooks('.git/hooks/pre-commit'), framework)
    await install(await made.open())
    git({}, 'commit', '-q', '--allow-empty', '-m', 'x')
    expect(calls()).toEqual(['[framework]', '[art] -C . hook pre-commit'])
    execFileSync('mv', [hooks('.git/hooks/pre-commit'), hooks('.git/hooks/pre-commit.legacy')])
    script(hooks('.git/hooks/pre-commit'), framework)
    expect(git({}, 'commit', '-q', '--allow-empty', '-m', 'x').status).toBe(0)
    expect(calls()).toEqual(['[framework]', '[art] -C . hook pre-commit'])
    await install(await made.open())
    expect(readFileSync(hooks('.git/hooks/pre-commit'), 'utf8')).toBe(framework)
    await install(await made.open(), { remove: true })
    expect(readdirSync(hooks()).filter((name) => !name.endsWith('.sample'))).toEqual(['pre-commit'])
    expect(readFileSync(hooks('.git/hooks/pre-commit'), 'utf8')).toBe(framework)
  })

  it('are readable by any POSIX shell', () => {
    for (const husky of [true, false]) {
      for (const hook of HOOKS) {
        const text = writeHookScript({ hook, roots: ['.', "a'b\nc"], program: { node: "/n 'x'", script: '/s' }, husky })
        expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
        expect(readHookScript(text)).toEqual(['.', "a'b\nc"])
      }
    }
  })
})
