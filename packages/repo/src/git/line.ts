import { relative, sep } from 'node:path'
import { ArtError, isArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { type GitContext, type GitOptions, runGit } from './run.ts'

/** What git prints, without white space around it. */
export async function gitLine(repo: GitContext, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const { stdout } = await runGit(repo, args, options)
  return stdout.toString('utf8').trim()
}

/** A setting of git's own configuration; undefined where it is not set. */
export async function gitSetting(repo: GitContext, key: string): Promise<string | undefined> {
  const { code, stdout } = await runGit(repo, ['config', '--get', key], { codes: [0, 1] })
  return code === 0 ? stdout.toString('utf8').trim() : undefined
}

export async function isOn(repo: GitContext, key: string): Promise<boolean> {
  const { stdout } = await runGit(repo, ['config', '--type=bool', '--get', key], { codes: [0, 1] })
  return stdout.toString('latin1').trim() === 'true'
}

/** Where the repository of art lies in that of git: empty, or `folder/`. */
export function gitPrefix({ root, gitRoot }: Pick<Repo, 'root' | 'gitRoot'>): string {
  const inside = gitRoot === undefined ? '' : relative(gitRoot, root).split(sep).join('/')
  return inside === '' ? '' : `${inside}/`
}

/** Who a commit or a tag would be by: `Name <mail> seconds zone`. Fails with `GIT` where git does not know, or cannot read the date. */
export async function identity(repo: GitContext, who: 'AUTHOR' | 'COMMITTER'): Promise<string> {
  try {
    return await gitLine(repo, ['var', `GIT_${who}_IDENT`])
  } catch (cause) {
    if (!isArtError(cause, 'GIT')) throw cause
    if (/\bdate\b/.test(cause.message)) {
      const hint = `Correct GIT_${who}_DATE, or unset it: \`unset GIT_${who}_DATE\`.`
      throw new ArtError('GIT', cause.message, { path: `GIT_${who}_DATE`, cause, hint })
    }
    throw new ArtError('GIT', 'git does not know who you are', {
      cause,
      hint: 'Run `git config user.name "<your name>"` and `git config user.email <your mail>`.',
    })
  }
}

/** What `identity` tells, taken apart; undefined for what is none. */
export function readIdentity(told: string): { author: string; seconds: number; zone: string } | undefined {
  const [, author, seconds, zone] = /^(.*>) (\d+) ([-+]\d{4,})$/.exec(told) ?? []
  return author === undefined ? undefined : { author, seconds: Number(seconds), zone: zone! }
}

/** What people call a branch or a tag: `main` for `refs/heads/main`. */
export function shortName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '')
}
