import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { TemporaryRepo } from '../temporary-repo.ts'
import { init } from '../verb/init.ts'
import { establish, type Prepared, prepare, publish } from './publish.ts'
import { settleFiles } from './settle-files.ts'
import { FILES, RELEASE, repositoryToPublishIn } from './temporary-publication.ts'

let made: TemporaryRepo
let repo: Repo
beforeEach(async () => {
  made = await repositoryToPublishIn()
  repo = await made.open()
})
afterEach(() => made.remove())

/** Everything that refers to something, with what. */
function references(): string {
  return made.git('for-each-ref', '--format=%(refname) %(objectname)')
}

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

describe('what is in the way', () => {
  /** How it failed, and that nothing refers to anything else than before. */
  async function refusal(prepared?: Prepared): Promise<object> {
    const before = references()
    const work = prepared === undefined ? publish(repo, RELEASE) : establish(repo, prepared)
    const error: unknown = await work.catch((failure: unknown) => failure)
    const { code, path, message, hint, retryable } = error as ArtError
    return { code, path, message, hint, retryable, unchanged: references() === before }
  }

  it('a tag of that name, before or meanwhile', async () => {
    const prepared = await prepare(repo, RELEASE)
    made.git('tag', 'net@v1.0.0')
    expect(await refusal()).toMatchObject({ code: 'TAG_EXISTS', path: 'net@v1.0.0', unchanged: true })
    expect(await refusal(prepared)).toMatchObject({ code: 'TAG_EXISTS', path: 'net@v1.0.0', unchanged: true })
  })

  it('a branch that moved meanwhile', async () => {
    const prepared = await prepare(repo, RELEASE)
    made.write('code.py', 'two\n')
    made.commit('meanwhile')
    expect(await refusal(prepared)).toMatchObject({
      code: 'GIT',
      message: 'the branch has moved meanwhile',
      retryable: true,
      unchanged: true,
    })
  })

  it('another branch that was checked out meanwhile', async () => {
    const prepared = await prepare(repo, RELEASE)
    made.git('switch', '-q', '-c', 'other')
    expect(await refusal(prepared)).toMatchObject({ code: 'GIT', path: 'main', unchanged: true })
  })

  it('a tag in the place of a folder', async () => {
    made.git('tag', 'cv')
    const before = references()
    const tags = [{ name: 'cv/net@v1.0.0', message: 'x' }]
    await expect(publish(repo, { ...RELEASE, tags })).rejects.toMatchObject({ code: 'GIT' })
    expect(references()).toBe(before)
  })

  it('a name that git refuses', async () => {
    const before = references()
    for (const name of ['a b', 'x..y', 'a\nupdate refs/heads/main', 'x.lock', '-x~1'])
      await expect(publish(repo, { ...RELEASE, tags: [{ name, message: 'x' }] })).rejects.toMatchObject({ code: 'GIT' })
    expect(references()).toBe(before)
  })

  it('a detached HEAD, for a commit; a tag alone needs no branch', async () => {
    made.git('switch', '-q', '--detach')
    expect(await refusal()).toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--no-commit') as string,
      unchanged: true,
    })
    const { commit } = await publish(repo, { ...RELEASE, files: [] })
    expect(commit).toBeUndefined()
    expect(made.git('rev-parse', 'net@v1.0.0^{commit}')).toBe(made.git('rev-parse', 'HEAD'))
  })

  it('no identity', async () => {
    writeFileSync(join(made.base, '.gitconfig'), '[user]\nuseConfigOnly = true\n')
    expect(await refusal()).toMatchObject({
      code: 'GIT',
      hint: expect.stringContaining('user.email') as string,
      unchanged: true,
    })
  })

  it('no commit yet', async () => {
    const empty = await TemporaryRepo.create()
    try {
      await expect(publish(await empty.open(), RELEASE)).rejects.toMatchObject({ message: 'nothing is committed yet' })
    } finally {
      empty.remove()
    }
  })

  it('a date that git cannot read, which is not said to be about a name', async () => {
    const odd = await made.open(made.root, { GIT_COMMITTER_DATE: 'garbage' })
    await expect(publish(odd, RELEASE)).rejects.toMatchObject({
      code: 'GIT',
      message: expect.stringContaining('date'),
      hint: expect.stringContaining('GIT_COMMITTER_DATE'),
    })
  })

  it('a signing program that fails', async () => {
    writeFileSync(join(made.base, 'gpg'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    made.git('config', 'gpg.program', join(made.base, 'gpg'))
    for (const key of ['commit.gpgSign', 'tag.gpgSign']) {
      made.git('config', key, 'true')
      expect(await refusal()).toMatchObject({ code: 'GIT', unchanged: true })
      made.git('config', '--unset', key)
    }
  })
})

describe('wherever git keeps the repository', () => {
  it('in a folder of a larger one', async () => {
    const larger = new TemporaryRepo()
    try {
      larger.git('init', '-q')
      larger.write('MODELS.md', 'old\n')
      larger.write('team/cv/MODELS.md', 'cv\n')
      await init({ cwd: join(larger.root, 'team/cv'), subdir: true, environment: larger.environment })
      larger.commit()
      const own = await larger.open(join(larger.root, 'team/cv'))
      const files = [FILES[0]!, FILES[1]!]
      const { commit } = await publish(own, { ...RELEASE, files, tags: [{ name: 'cv=net@v1.0.0', message: 'x' }] })
      expect(await settleFiles(own, files)).toEqual([])
      expect(larger.git('show', `${commit}:team/cv/MODELS.md`)).toBe('new')
      expect(larger.git('show', `${commit}:MODELS.md`)).toBe('old')
      expect(larger.git('status', '--porcelain')).toBe('')
    } finally {
      larger.remove()
    }
  })

  it('in a linked worktree', async () => {
    made.git('worktree', 'add', '-q', '-b', 'side', join(made.base, 'side'))
    const side = await made.open(join(made.base, 'side'))
    const main = made.git('rev-parse', 'main')
    const { commit, branch } = await publish(side, RELEASE)
    await settleFiles(side, FILES)
    expect(branch).toBe('refs/heads/side')
    expect(made.git('rev-parse', 'side', 'main')).toBe(`${commit}\n${main}`)
    expect(made.gitIn(side.root, 'status', '--porcelain')).toBe('')
    expect(made.read('MODELS.md')).toBe('old\n')
  })

  it('apart from the working tree', async () => {
    const folder = join(made.base, 'apart.git')
    made.gitIn(made.base, 'clone', '-q', '--bare', made.root, folder)
    const environment = { GIT_DIR: folder, GIT_WORK_TREE: made.root }
    made.gitIn(made.root, '--git-dir', folder, 'config', 'core.bare', 'false')
    made.gitIn(made.root, '--git-dir', folder, '--work-tree', made.root, 'reset', '-q')
    const here = made.git('rev-parse', 'HEAD')
    const apart = await made.open(made.root, environment)
    const { commit } = await publish(apart, RELEASE)
    await settleFiles(apart, FILES)
    expect(made.gitIn(folder, '--git-dir', folder, 'rev-parse', 'main')).toBe(commit)
    expect(made.git('rev-parse', 'main')).toBe(here)
    expect(made.gitIn(made.root, '--git-dir', folder, '--work-tree', made.root, 'status', '--porcelain', '-uno')).toBe(
      '',
    )
  })

  it('with hashes of the other length, an index that is split, and a sparse one', async () => {
    const other = new TemporaryRepo()
    try {
      other.git('init', '-q', '--object-format=sha256')
      await init({ cwd: other.root, environment: other.environment })
      for (const key of ['core.splitIndex', 'index.sparse', 'core.untrackedCache']) other.git('config', key, 'true')
      other.write('MODELS.md', 'old\n')
      other.write('gone.yaml', 'x\n')
      other.commit()
      const own = await other.open()
      await publish(own, RELEASE)
      await settleFiles(own, FILES)
      expect(other.git('status', '--porcelain')).toBe('')
      expect(other.git('fsck', '--strict', '--no-dangling')).toBe('')
    } finally {
      other.remove()
    }
  })

  it.each(['0 +0000', '1 -1200', '99999999999 +0000'])('at any second that git can write: %s', async (date) => {
    await publish(repo, { ...RELEASE, date })
    expect(made.git('log', '-1', '--format=%cd', '--date=raw')).toBe(date)
    expect(made.git('cat-file', 'tag', 'net@v1.0.0')).toContain(` ${date}\n`)
  })
})
