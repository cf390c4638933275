import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { gitPrefix } from './line.ts'
import { items, runGit } from './run.ts'

const OPERATIONS: readonly (readonly [file: string, what: string, end: string])[] = [
  ['MERGE_HEAD', 'a merge', 'git merge --continue` or `git merge --abort'],
  ['rebase-merge', 'a rebase', 'git rebase --continue` or `git rebase --abort'],
  ['rebase-apply', 'a rebase', 'git rebase --continue` or `git rebase --abort'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick', 'git cherry-pick --continue` or `git cherry-pick --abort'],
  ['REVERT_HEAD', 'a revert', 'git revert --continue` or `git revert --abort'],
]

/** What git is in the middle of, and what ends it. */
export function operationUnderWay({ gitDir }: Repo): { what: string; hint: string } | undefined {
  const found = OPERATIONS.find(([file]) => existsSync(join(gitDir!, file)))
  return found && { what: found[1], hint: `Run \`${found[2]}\`.` }
}

/** Is another git writing the index, or was killed while it did? */
export function isIndexLocked({ gitDir }: Repo): boolean {
  return existsSync(join(gitDir!, 'index.lock'))
}

/** Fails with `GIT` and `LOCKED` where git is in the middle of something that a commit would come in the way of. */
export function assertIdle(repo: Repo): void {
  const operation = operationUnderWay(repo)
  if (operation !== undefined)
    throw new ArtError('GIT', `${operation.what} is under way`, { path: repo.gitRoot, hint: operation.hint })
  if (isIndexLocked(repo)) throw lockedBy(join(repo.gitDir!, 'index.lock'))
}

/** Another git holds a lock, or was killed while it did. */
export function lockedBy(file: string, cause?: unknown): ArtError {
  return new ArtError('LOCKED', 'another git command is at work here', {
    path: file,
    hint: 'Run it again when that is done. Where none is, one was killed: remove the file.',
    retryable: true,
    cause,
  })
}

/** Is a part of the history not here? gitrepository-layout(5), `shallow`. */
export function isShallow({ commonGitDir }: Repo): boolean {
  return commonGitDir !== undefined && existsSync(join(commonGitDir, 'shallow'))
}

/** The command that brings what tags may be missing here. */
export function tagsFetch(repo: Repo): string {
  return isShallow(repo) ? 'git fetch --unshallow --tags' : 'git fetch --tags'
}

/**
 * Tracked files of the whole working tree that are not as HEAD has them, staged or not; files that git does not track do not count. Relative to the
 * root of art's repository, so that a path may begin with `../`.
 */
export async function changedFiles(repo: Repo): Promise<string[]> {
  const args = [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=no',
    '--ignore-submodules=untracked',
    '--no-renames',
  ]
  const prefix = gitPrefix(repo)
  const up = '../'.repeat(prefix.split('/').length - 1)
  return items(await runGit(repo, args)).map((item) => {
    const path = item.slice('XY '.length)
    return path.startsWith(prefix) ? path.slice(prefix.length) : up + path
  })
}
