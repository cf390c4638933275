import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRepo } from './open.ts'
import { TemporaryRepo } from './temporary-repo.ts'
import { ensurePrivateFolders } from './trust/private-folders.ts'
import { init } from './verb/init.ts'

let made: TemporaryRepo
beforeEach(async () => {
  made = await TemporaryRepo.create()
})
afterEach(() => made.remove())

describe('a repository', () => {
  it('is found from any folder below it, also through a link', async () => {
    made.write('a b/c/x', '')
    symlinkSync(join(made.root, 'a b'), join(made.base, 'link'))
    const repo = await made.open(join(made.base, 'link/c'))
    expect(repo).toMatchObject({
      root: made.root,
      prefix: 'a b/c',
      gitRoot: made.root,
      cacheDir: join(made.root, '.art/cache'),
    })
    expect(repo.repoId).toMatch(/^[0-9a-f]{32}$/)
    expect((await made.open()).prefix).toBe('')
  })

  it('is not looked for beyond the git repository one is in', async () => {
    made.git('init', '--quiet', 'inner')
    await expect(made.open(join(made.root, 'inner'))).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
      hint: 'Run `art init`.',
    })
    await expect(made.open(made.base)).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
    await expect(made.open(join(made.root, 'absent'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('shares the main cache with its worktrees, but not their temporary files', async () => {
    made.commit()
    made.git('worktree', 'add', '--quiet', '../tree')
    const repo = await made.open(join(made.base, 'tree'))
    expect(repo).toMatchObject({
      root: join(made.base, 'tree'),
      cacheDir: join(made.root, '.art/cache'),
      tmpDir: join(made.base, 'tree/.art/tmp'),
      gitDir: join(made.root, '.git/worktrees/tree'),
      commonGitDir: join(made.root, '.git'),
      repoId: (await made.open()).repoId,
    })
  })

  it('keeps the cache of a bare repository’s worktrees inside that', async () => {
    made.commit()
    made.gitIn(made.base, 'clone', '--quiet', '--bare', 'work', 'bare.git')
    made.gitIn(join(made.base, 'bare.git'), 'worktree', 'add', '--quiet', '../tree', 'main')
    expect((await made.open(join(made.base, 'tree'))).cacheDir).toBe(join(made.base, 'bare.git/art/cache'))
  })

  it('can be a folder of a git repository, or stand without git', async () => {
    await expect(init({ cwd: join(made.base), environment: made.environment })).rejects.toMatchObject({ code: 'GIT' })
    const other = new TemporaryRepo()
    try {
      other.git('init', '--quiet')
      other.write('sub/x', '')
      await expect(init({ cwd: join(other.root, 'sub'), environment: other.environment })).rejects.toMatchObject({
        code: 'USAGE',
      })
      await init({ cwd: join(other.root, 'sub'), subdir: true, environment: other.environment })
      expect(await other.open(join(other.root, 'sub'))).toMatchObject({
        root: join(other.root, 'sub'),
        gitRoot: other.root,
      })
      mkdirSync(join(other.base, 'alone'))
      expect((await init({ cwd: join(other.base, 'alone'), git: false })).gitPaths).toEqual([])
      const alone = await other.open(join(other.base, 'alone'))
      expect(alone.gitRoot).toBeUndefined()
      expect(existsSync(join(other.base, 'alone/.gitattributes'))).toBe(false)
    } finally {
      other.remove()
    }
  })

  it('refuses a second init, naming where the first was', async () => {
    made.write('sub/x', '')
    const again = (cwd: string) => init({ cwd, environment: made.environment })
    await expect(again(made.root)).rejects.toMatchObject({ code: 'ALREADY_A_REPOSITORY', path: made.root })
    await expect(again(join(made.root, 'sub'))).rejects.toMatchObject({ code: 'ALREADY_A_REPOSITORY', path: made.root })
  })

  it('hides everything private from git, and pointers keep their line ends', async () => {
    made.write('.gitattributes', '*.bin binary')
    await init({ cwd: made.root, force: true, environment: made.environment })
    expect(made.read('.gitattributes')).toBe('*.bin binary\n*.art text eol=lf diff=art\n')
    const repo = await made.open()
    ensurePrivateFolders(repo)
    made.write('.art/cache/objects/x', 'x')
    made.write('.art/config.local.yaml', 'art: 1\n')
    expect(
      made
        .git('status', '--porcelain', '-uall')
        .split('\n')
        .map((line) => line.slice(3)),
    ).toEqual(['.art/.gitignore', '.art/config.yaml', '.gitattributes'])
    made.git('add', '--all')
    made.git('rm', '-r', '--quiet', '--cached', '.art')
    execFileSync('rm', [join(made.root, '.art/.gitignore')])
    expect(made.git('status', '--porcelain', '-uall')).not.toContain('cache')
  })

  it('names the file and line of a configuration that does not parse', async () => {
    made.write('.art/config.yaml', 'art: 1\nrepo: [\n')
    await expect(made.open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      path: expect.stringMatching(/config\.yaml:\d+$/),
    })
    made.write('.art/config.yaml', 'art: 1\n')
    await expect(made.open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    made.write('.art/config.yaml', 'art: 2\n')
    await expect(made.open()).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: 'Update art.' })
  })

  it('is found when git sets GIT_DIR and GIT_WORK_TREE', async () => {
    const tree = join(made.base, 'dotfiles')
    mkdirSync(tree)
    made.gitIn(made.base, 'init', '--quiet', '--bare', 'dots.git')
    const environment = { ...made.environment, GIT_DIR: join(made.base, 'dots.git'), GIT_WORK_TREE: tree }
    await init({ cwd: tree, environment })
    expect(await openRepo({ cwd: tree, environment })).toMatchObject({
      gitRoot: tree,
      gitDir: join(made.base, 'dots.git'),
    })
    writeFileSync(join(tree, 'x'), '')
    expect(await made.open(made.root, { GIT_DIR: environment.GIT_DIR, GIT_WORK_TREE: tree })).toMatchObject({
      gitRoot: made.root,
    })
  })
})
