import { existsSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { ArtError } from '@art/core'
import { runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'

/** Where hooks of a repository go. */
export interface HookPlace {
  /** Absolute. */
  folder: string
  /** `folder` is husky's, whose files are read by `sh -e` and committed. */
  husky: boolean
  /** `folder` is part of the working tree: other machines get what is written there. */
  shared: boolean
}

/** Asks git, which knows `core.hooksPath` and worktrees. Husky points git at a generated folder: its user's files are one above. */
export async function hookPlace(repo: Repo): Promise<HookPlace> {
  if (repo.gitRoot === undefined || repo.commonGitDir === undefined) {
    throw new ArtError('GIT', 'hooks need git, and this repository has none', {
      path: repo.root,
      hint: 'Run `git init` first.',
    })
  }
  const answer = await runGit(repo, ['rev-parse', '--git-path', 'hooks'], { cwd: repo.gitRoot })
  const named = resolve(repo.gitRoot, answer.stdout.toString('utf8').replace(/\r?\n$/, ''))
  const husky = basename(named) === '_' && existsSync(join(named, 'h'))
  const folder = husky ? dirname(named) : named
  return { folder, husky, shared: isBelow(repo.gitRoot, folder) && !isBelow(repo.commonGitDir, folder) }
}

function isBelow(folder: string, path: string): boolean {
  const below = relative(folder, path)
  return below !== '..' && !/^\.\.[/\\]/.test(below) && !isAbsolute(below)
}
