import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { establish, prepare, publish } from './publish.ts'
import { settleFiles } from './settle-files.ts'
import { eachPublication, FILES, made, references, RELEASE, repo } from './temporary-publication.ts'

eachPublication()

function hook(name: string, script: string): void {
  mkdirSync(join(made.root, '.git/hooks'), { recursive: true })
  writeFileSync(join(made.root, '.git/hooks', name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(made.root, '.git/hooks', name), 0o755)
}

describe('a commit and its tags', () => {
  it('stand together, the tag annotated and on the commit', async () => {
    const before = made.git('rev-parse', 'HEAD')
    const { commit } = await publish(repo, RELEASE)
    expect(made.git('rev-parse', 'HEAD', 'HEAD^')).toBe(`${commit}\n${before}`)
    expect(made.git('rev-parse', 'net@v1.0.0^{commit}')).toBe(commit)
    expect(made.git('cat-file', '-t', 'net@v1.0.0')).toBe('tag')
    expect(made.git('tag', '-l', '--format=%(contents)', 'net@v1.0.0').trim()).toBe('net 1.0.0\n\nart: 1')
    expect(made.git('diff', '--name-status', 'HEAD^', 'HEAD').split('\n')).toEqual([
      'M\tMODELS.md',
      'D\tgone.yaml',
      'A\tmodels/registry.json',
    ])
    expect(made.git('reflog', '-1', '--format=%gs')).toBe('art: Release net 1.0.0')
    expect(made.git('fsck', '--strict', '--no-dangling')).toBe('')
  })

  it('stand together with a git that knows no words for transactions', async () => {
    const folder = join(made.base, 'old')
    mkdirSync(folder)
    const found = `$(PATH="\${PATH#*:}" command -v git)`
    const refusal =
      'case "$(tr "\\0" " " < "$0.in")" in start*) echo "fatal: unknown command: start" >&2; exit 128;; esac'
    writeFileSync(
      join(folder, 'git'),
      `#!/bin/sh\n[ "$1" = update-ref ] || exec "${found}" "$@"\ncat > "$0.in"\n${refusal}\n"${found}" "$@" < "$0.in"\n`,
      { mode: 0o755 },
    )
    const path = `${folder}:${made.environment['PATH'] ?? process.env['PATH']}`
    const { commit } = await publish(await made.open(made.root, { ...made.environment, PATH: path }), RELEASE)
    expect(made.git('rev-parse', 'HEAD', 'net@v1.0.0^{commit}')).toBe(`${commit}\n${commit}`)
  })

  it('leave what the user has staged, and the working tree, as they are', async () => {
    made.write('code.py', 'two\n')
    made.write('staged.py', 'x\n')
    made.git('add', 'code.py', 'staged.py')
    made.write('code.py', 'three\n')
    await publish(repo, RELEASE)
    await settleFiles(repo, FILES)
    expect(made.git('status', '--porcelain').split('\n')).toEqual(['MM code.py', 'A  staged.py'])
    expect(made.read('code.py')).toBe('three\n')
    expect(made.read('MODELS.md')).toBe('new\n')
    expect(existsSync(join(made.root, 'gone.yaml'))).toBe(false)
    expect(made.git('diff-files', '--name-only')).toBe('code.py')
  })

  it('are nowhere to be seen after the first half, and stand after the second', async () => {
    const before = references()
    const prepared = await prepare(repo, RELEASE)
    expect(references()).toBe(before)
    expect(made.git('status', '--porcelain')).toBe('')
    expect(readdirSync(join(made.root, '.git')).filter((name) => name.startsWith('art-'))).toEqual([])
    await establish(repo, prepared)
    expect(made.git('rev-parse', 'HEAD')).toBe(prepared.commit)
  })

  it('take a handful of git processes, however many files there are and however long their names', async () => {
    const trace = join(made.base, 'trace')
    const traced = await made.open(made.root, { GIT_TRACE2_EVENT: trace })
    const files = Array.from({ length: 300 }, (_, at) => ({
      path: `models/${String(at).padStart(200, 'm')}.yaml`,
      text: `${'\u00e9'.repeat(at)}\n`,
    }))
    await publish(traced, { ...RELEASE, files })
    made.write(files[7]!.path, 'mine\n')
    expect(await settleFiles(traced, files)).toEqual([files[7]!.path])
    expect(readFileSync(trace, 'utf8').match(/"event":"start"/g)!.length).toBeLessThan(30)
    expect(made.git('status', '--porcelain', '--', 'models')).toBe(`D  ${files[7]!.path}\n?? ${files[7]!.path}`)
    for (const { path, text } of files) if (path !== files[7]!.path) expect(made.read(path)).toBe(text)
    expect(made.git('fsck', '--strict', '--no-dangling')).toBe('')
  })

  it.each(['prepared', 'killed'])('are both not there when git is stopped in the middle: %s', async (how) => {
    const before = references()
    hook('reference-transaction', how === 'killed' ? '[ "$1" = prepared ] && kill -9 $PPID' : '[ "$1" != prepared ]')
    await expect(publish(repo, RELEASE)).rejects.toMatchObject({ code: 'GIT' })
    expect(references()).toBe(before)
    expect(made.git('status', '--porcelain')).toBe('')
    hook('reference-transaction', 'exit 0')
    if (how === 'prepared') return void (await publish(repo, RELEASE))
    // As of any git that was killed: its locks are named, and are the user's to remove.
    await expect(publish(repo, RELEASE)).rejects.toMatchObject({
      code: 'LOCKED',
      path: expect.stringMatching(/\.git\/.*\.lock$/) as string,
      hint: expect.stringMatching(/killed/) as string,
    })
  })
})
