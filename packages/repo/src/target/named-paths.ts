import type { Repo } from '../open.ts'
import { isGlob, typedGlob } from './glob.ts'
import { repoPath } from './path.ts'

/** Whether a name of a user's is that of a path, wherever that is: the path itself, a folder above it, or a glob. */
export function pathsNamed(repo: Repo, name: string): (path: string) => boolean {
  const wanted = repoPath(repo, name)
  const pattern = isGlob(name) ? typedGlob(repo.prefix, name) : undefined
  return (path) => path === wanted || wanted === '' || path.startsWith(`${wanted}/`) || pattern?.test(path) === true
}
