import { type GitContext, items, runGit } from './run.ts'

/**
 * Paths of the index that match and that the working tree is not to have, as in a sparse checkout: git-update-index(1), "skip-worktree bit". `patterns` are
 * pathspecs. None without git.
 */
export async function excludedPaths(repo: GitContext, patterns: readonly string[]): Promise<string[]> {
  if (repo.gitRoot === undefined) return []
  const listed = items(await runGit(repo, ['ls-files', '-t', '-z', '--', ...patterns]))
  return listed.flatMap((item) => (item.startsWith('S ') ? [item.slice(2)] : []))
}
