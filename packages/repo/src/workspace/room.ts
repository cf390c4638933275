import { lstatSync } from 'node:fs'
import { join, posix } from 'node:path'
import { ArtError } from '@art/core'
import { POINTER_SUFFIX } from '@art/core/pointer/name.ts'
import { ignoredByGit, trackedByGit } from '../git/staging.ts'
import type { Repo } from '../open.ts'

/** The nearest folder above a path that is tracked as a directory; undefined where none is. */
export function trackedAbove({ root }: Pick<Repo, 'root'>, path: string): string | undefined {
  for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder))
    if (lstatSync(join(root, folder + POINTER_SUFFIX), { throwIfNoEntry: false }) !== undefined) return folder
  return undefined
}

/** May data and pointer come to lie there, as far as git is concerned? Fails with `GIT`, which `hint` is for, and `TRACKED_BY_GIT`. */
export async function assertGitAllows(repo: Repo, target: string, pointerPath: string, hint: string): Promise<void> {
  const rule = (await ignoredByGit(repo, [pointerPath])).get(pointerPath)
  if (rule !== undefined)
    throw new ArtError('GIT', `git ignores the pointer there (${rule})`, { path: pointerPath, hint })
  if (!(await trackedByGit(repo, [target])).has(target)) return
  throw new ArtError('TRACKED_BY_GIT', 'git tracks this path', {
    path: target,
    hint: `Run \`git rm -r --cached ${target}\` first.`,
  })
}
