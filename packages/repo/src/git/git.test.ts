import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { headCommit, pointersAt, pointersInCommits, refTips, resolveRev } from './history.ts'
import { runGit } from './run.ts'
import { normalizeOrigin, siteId } from './site.ts'
import { addPaths, ignoredByGit, indexPointers, stagedFiles, stageForUser, trackedByGit } from './staging.ts'

const AWKWARD = ['a b', 'x\ny', 'é😀', '"quoted"', '-dash', '[x]*', 'back\\slash', '\t']

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

describe('what git knows', () => {
  it('is read for names of every kind', async () => {
    const repo = await made.open()
    for (const name of AWKWARD) {
      made.write(`m/${name}.art`, `of ${name}`)
      made.write(`${name}/data`, 'tracked')
      made.write(`ignored/${name}`, '')
    }
    made.write('.gitignore', 'ignored/\n!kept\n')
    await addPaths(repo, [...AWKWARD.map((name) => `m/${name}.art`), ...AWKWARD, '.gitignore'])
    const names = (found: { path: string }[]) => found.map(({ path }) => path).sort()
    const expected = AWKWARD.map((name) => `m/${name}.art`).sort()
    const index = await indexPointers(repo)
    expect(names(index)).toEqual(expected)
    for (const { path, text, stage } of index)
      expect({ text, stage }).toEqual({ text: `of ${path.slice(2, -4)}`, stage: 0 })
    expect((await stagedFiles(repo)).find(({ path }) => path === 'x\ny/data')).toMatchObject({
      size: 7,
      status: 'added',
      mode: '100644',
    })
    made.git('commit', '--quiet', '-m', 'x')
    expect(await pointersAt(repo, 'HEAD')).toEqual(index.map(({ path, blob, text }) => ({ path, blob, text })))
    expect(await trackedByGit(repo, [...AWKWARD, 'm/a b.art', 'm/none', 'x'])).toEqual(
      new Set([...AWKWARD, 'm/a b.art']),
    )
    const ignored = await ignoredByGit(repo, [...AWKWARD.map((name) => `ignored/${name}`), 'kept', 'm/x'])
    expect([...ignored.keys()].sort()).toEqual(AWKWARD.map((name) => `ignored/${name}`).sort())
    expect(ignored.get('ignored/a b')).toBe('.gitignore:1: ignored/')
  })

  it('sees the index of a commit in progress, and never another repository’s', async () => {
    made.commit()
    made.write('a.art', 'staged')
    made.gitIn(made.root, 'add', 'a.art')
    made.git('reset', '--quiet')
    const other = join(made.base, 'other')
    made.gitIn(made.base, 'init', '--quiet', 'other')
    const hook = await made.open(made.root, { GIT_INDEX_FILE: '.git/next-index.lock' })
    made.gitIn(made.root, 'config', 'x.y', 'z')
    await runGit(hook, ['add', 'a.art'])
    expect((await indexPointers(hook)).map(({ path }) => path)).toEqual(['a.art'])
    expect(await indexPointers(await made.open())).toEqual([])
    const foreign = await made.open(made.root, {
      GIT_DIR: join(other, '.git'),
      GIT_INDEX_FILE: join(other, '.git/index'),
    })
    expect(await headCommit(foreign)).toBe(made.git('rev-parse', 'HEAD'))
  })

  it('shows both sides of a merge conflict', async () => {
    made.write('a.art', 'base')
    made.commit()
    made.git('checkout', '--quiet', '-b', 'side')
    made.write('a.art', 'theirs')
    made.commit()
    made.git('checkout', '--quiet', 'main')
    made.write('a.art', 'ours')
    made.commit()
    expect(() => made.git('merge', 'side')).toThrow()
    expect((await indexPointers(await made.open())).map(({ stage, text }) => [stage, text])).toEqual([
      [1, 'base'],
      [2, 'ours'],
      [3, 'theirs'],
    ])
  })

  it('runs only a git from an absolute folder of PATH, and takes no revision for an option', async () => {
    const fake = join(made.root, 'git')
    writeFileSync(fake, '#!/bin/sh\necho hijacked\n')
    chmodSync(fake, 0o755)
    const repo = await made.open(made.root, { PATH: `.:${made.environment['PATH']}` })
    expect(await headCommit(repo)).toBeUndefined()
    await expect(runGit(await made.open(made.root, { PATH: '.' }), ['status'])).rejects.toMatchObject({ code: 'GIT' })
    await expect(resolveRev(repo, '--output=x')).rejects.toMatchObject({ code: 'USAGE' })
    await expect(pointersInCommits(repo, ['--all'])).rejects.toMatchObject({ code: 'USAGE' })
    await expect(resolveRev(repo, 'nothing')).rejects.toMatchObject({ code: 'GIT', path: 'nothing' })
  })

  it('leaves out what is no pointer: links, folders, other endings, giant files', async () => {
    symlinkSync('/etc/passwd', join(made.root, 'link.art'))
    mkdirSync(join(made.root, 'folder.art'))
    made.write('folder.art/x', '')
    made.write('a.artx', '')
    made.write('.art/x', '')
    made.write('giant.art', 'x'.repeat((1 << 20) + 1))
    made.write('good.art', 'x')
    made.commit()
    expect((await pointersAt(await made.open(), 'HEAD')).map(({ path, text }) => [path, text])).toEqual([
      ['giant.art', ''],
      ['good.art', 'x'],
    ])
  })

  it('is asked nothing in a repository without git', async () => {
    const alone = await TemporaryRepo.create({ git: false })
    const repo = await alone.open(alone.root, { PATH: '' })
    expect(await headCommit(repo)).toBeUndefined()
    expect(await indexPointers(repo)).toEqual([])
    expect(await stageForUser(repo, ['x'])).toEqual({ gitPaths: [], staged: false })
    expect(await siteId(repo)).toMatch(/^[0-9a-f]{16}$/)
    alone.remove()
  })
})

describe('pointers in commits', () => {
  const versions = (found: { pointers: { path: string; text: string }[] }) =>
    found.pointers.map(({ path, text }) => `${path}=${text}`).sort()

  it('are all versions that some commit names, and no version that only older commits name', async () => {
    made.write('kept.art', 'kept')
    made.write('changed.art', '1')
    made.write('dropped.art', 'dropped')
    const first = made.commit()
    made.write('changed.art', '2')
    made.commit()
    made.git('rm', '--quiet', 'dropped.art')
    made.write('changed.art', '3')
    made.commit()
    made.git('mv', 'kept.art', 'moved.art')
    made.commit()
    const repo = await made.open()
    expect(versions(await pointersInCommits(repo, ['HEAD'], [first]))).toEqual([
      'changed.art=2',
      'changed.art=3',
      'dropped.art=dropped',
      'kept.art=kept',
      'moved.art=kept',
    ])
    expect(versions(await pointersInCommits(repo, ['HEAD']))).toContain('changed.art=1')
    expect(await pointersInCommits(repo, [first], ['HEAD'])).toEqual({ commits: [], pointers: [] })
    expect((await pointersInCommits(repo, ['HEAD'], [first])).commits).toHaveLength(3)
  })

  it('follow merges, several heads, tags and a sub-folder repository', async () => {
    made.write('a.art', 'base')
    const base = made.commit()
    made.git('checkout', '--quiet', '-b', 'side')
    made.write('side.art', 'side')
    made.commit()
    made.git('tag', '-a', 'v1', '-m', 'v1')
    made.git('checkout', '--quiet', 'main')
    made.write('a.art', 'main')
    made.commit()
    made.git('merge', '--quiet', '--no-edit', 'side')
    made.git('checkout', '--quiet', '--orphan', 'lone')
    made.git('rm', '-rf', '--quiet', '.')
    made.write('lone/in.art', 'lone')
    made.commit()
    const repo = {
      ...(await made.open(made.base).catch(() => undefined)),
      root: made.root,
      gitRoot: made.root,
      gitDir: join(made.root, '.git'),
      environment: made.environment,
    }
    expect(versions(await pointersInCommits(repo, ['main', 'lone'], [base]))).toEqual([
      'a.art=base',
      'a.art=main',
      'lone/in.art=lone',
      'side.art=side',
    ])
    expect(versions(await pointersInCommits(repo, ['v1'], [base]))).toEqual(['a.art=base', 'side.art=side'])
    expect(await refTips(repo, 'tags')).toEqual([made.git('rev-parse', 'side')])
    expect((await pointersInCommits(repo, [], [], { all: true })).commits).toHaveLength(5)
    const below = { ...repo, root: join(made.root, 'lone') }
    expect(versions(await pointersInCommits(below, ['lone']))).toEqual(['in.art=lone'])
  })
})

describe('the site of a clone', () => {
  it.each([
    ['https://github.com/o/r.git', 'github.com/o/r'],
    ['https://user:pass@GitHub.com:443/o/r/', 'github.com/o/r'],
    ['ssh://git@github.com:22/o/r.git', 'github.com/o/r'],
    ['ssh://git@example.org:2222/o/r.git', 'example.org:2222/o/r'],
    ['git@github.com:o/r.git', 'github.com/o/r'],
    ['github.com:o/r', 'github.com/o/r'],
    ['file:///srv/r.git', '/srv/r'],
    ['/srv/r.git/', '/srv/r'],
    ['../r.git', '/base/r'],
  ])('is the same for every spelling: %s', (url, expected) => {
    expect(normalizeOrigin(url, '/base/work')).toBe(expected)
  })

  it('is random but lasting without an origin', async () => {
    const first = await siteId(await made.open())
    expect(await siteId(await made.open())).toBe(first)
    made.git('remote', 'add', 'origin', 'git@github.com:o/r.git')
    const second = await siteId(await made.open())
    made.git('remote', 'set-url', 'origin', 'https://me@github.com/o/r')
    expect(await siteId(await made.open())).toBe(second)
    expect(second).not.toBe(first)
  })
})

it('ends a call by its own signal or by that of its repository, whichever comes first', async () => {
  const repo = await made.open()
  const [late, now] = [new AbortController().signal, AbortSignal.abort(new Error('enough'))]
  for (const [gitSignal, signal] of [
    [now, late],
    [late, now],
    [now, undefined],
  ] as const)
    await expect(runGit({ ...repo, gitSignal }, ['version'], { signal })).rejects.toThrow('enough')
})

it('says of a repository of somebody else how to trust the folder that git means', async () => {
  const repo = await made.open()
  const environment = { ...repo.environment, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }
  await expect(runGit({ ...repo, environment }, ['status'])).rejects.toMatchObject({
    code: 'GIT',
    hint: `Run \`git config --global --add safe.directory ${made.root}\` if you trust it.`,
  })
})
