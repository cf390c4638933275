import { isAbsolute, relative, sep } from 'node:path'
import { ignoredByGit, trackedByGit } from '../git/staging.ts'
import type { Repo } from '../open.ts'

/** Does git leave an untracked file alone? Undefined where the file is outside the repository, or there is no git. */
export async function gitIgnores(repo: Repo, absolute: string): Promise<boolean | undefined> {
  if (repo.gitRoot === undefined) return undefined
  const path = relative(repo.root, absolute).split(sep).join('/')
  if (path === '..' || path.startsWith('../') || isAbsolute(path)) return undefined
  if ((await trackedByGit(repo, [path])).has(path)) return false
  return (await ignoredByGit(repo, [path])).has(path)
}
