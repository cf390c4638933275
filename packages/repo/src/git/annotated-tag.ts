import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Repo } from '../open.ts'
import { gitLine, identity, isOn } from './line.ts'
import { runGit } from './run.ts'

export interface NewTag {
  name: string
  message: string
  /** Full hash; by default the commit that is made, or HEAD where none is. */
  commit?: string
}

/** Makes the object of an annotated tag, which nothing refers to yet; signed where the user's tags are. Full hash. */
export async function makeTag(repo: Repo, { name, message }: NewTag, commit: string): Promise<string> {
  const text = `${message.trimEnd()}\n`
  if ((await isOn(repo, 'tag.gpgSign')) || (await isOn(repo, 'tag.forceSignAnnotated')))
    return await signedTag(repo, name, text, commit)
  const tagger = await identity(repo, 'COMMITTER')
  const input = `object ${commit}\ntype commit\ntag ${name}\ntagger ${tagger}\n\n${text}`
  return await gitLine(repo, ['hash-object', '-t', 'tag', '-w', '--stdin'], { input })
}

/**
 * Only `git tag` knows how to sign, and it makes the reference along with the object. So it does that in a repository of its own, which has the
 * configuration of this one and reads its objects, and the object alone is taken over.
 */
async function signedTag(repo: Repo, name: string, text: string, commit: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'art-tag-'))
  try {
    const common = repo.commonGitDir ?? repo.gitDir!
    mkdirSync(join(folder, 'refs'))
    mkdirSync(join(folder, 'objects/info'), { recursive: true })
    writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n')
    writeFileSync(join(folder, 'objects/info/alternates'), `${join(common, 'objects')}\n`)
    copyFileSync(join(common, 'config'), join(folder, 'config'))
    const own = join(repo.gitDir!, 'config.worktree')
    if (existsSync(own)) copyFileSync(own, join(folder, 'config.worktree'))
    const environment = { ...repo.environment, GIT_DIR: folder, GIT_WORK_TREE: repo.gitRoot! }
    const apart: Repo = { ...repo, gitDir: folder, environment }
    const args = ['-c', 'core.hooksPath=/dev/null', 'tag', '-s', '--cleanup=verbatim', '-F', '-', '--', name, commit]
    await runGit(apart, args, { input: text })
    const { stdout } = await runGit(apart, ['cat-file', 'tag', `refs/tags/${name}`])
    return await gitLine(repo, ['hash-object', '-t', 'tag', '-w', '--stdin'], { input: stdout })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
