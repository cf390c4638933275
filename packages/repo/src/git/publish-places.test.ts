import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TemporaryRepo } from '../temporary-repo.ts'
import { init } from '../verb/init.ts'
import { publish } from './publish.ts'
import { settleFiles } from './settle-files.ts'
import { eachPublication, FILES, made, RELEASE, repo } from './temporary-publication.ts'

eachPublication()

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
