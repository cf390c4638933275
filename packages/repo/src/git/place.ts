import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { readSmallText } from '@art/core/fs/read-text.ts'

/** Where git keeps a working tree and what belongs to it. Absolute, free of symbolic links. */
export interface GitPlace {
  gitRoot: string
  gitDir: string
  /** Differs from `gitDir` in a linked worktree. */
  commonGitDir: string
}

/** Looks upwards as git does, after `GIT_DIR` where that is about this folder; spawns nothing. undefined outside git. */
export function findGit(start: string, environment: NodeJS.ProcessEnv): GitPlace | undefined {
  return fromEnvironment(start, environment) ?? fromFolders(start)
}

function fromFolders(start: string): GitPlace | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const gitDir = gitDirAt(join(folder, '.git'))
    if (gitDir !== undefined) return place(folder, gitDir)
    if (folder === dirname(folder)) return undefined
  }
}

/** Hooks get `GIT_DIR`; some people keep a working tree apart from it with `GIT_WORK_TREE`. */
function fromEnvironment(start: string, environment: NodeJS.ProcessEnv): GitPlace | undefined {
  const { GIT_DIR: dir, GIT_WORK_TREE: tree } = environment
  if (!dir || !tree) return undefined
  const gitDir = gitDirAt(resolve(dir))
  const gitRoot = existsSync(tree) ? realpathSync.native(tree) : undefined
  if (gitDir === undefined || gitRoot === undefined) return undefined
  const inside = relative(gitRoot, start)
  return inside === '..' || inside.startsWith(`..${sep}`) ? undefined : place(gitRoot, gitDir)
}

function place(gitRoot: string, gitDir: string): GitPlace {
  const pointer = readLine(join(gitDir, 'commondir'))
  const common = pointer === undefined ? gitDir : resolve(gitDir, pointer)
  return { gitRoot, gitDir, commonGitDir: existsSync(common) ? realpathSync.native(common) : gitDir }
}

/** `.git` is the folder itself, or in worktrees and submodules a file that names it. */
function gitDirAt(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (stats.isDirectory()) return existsSync(join(path, 'HEAD')) ? realpathSync.native(path) : undefined
  const target = /^gitdir: (.+)$/.exec(readLine(path) ?? '')?.[1]
  if (target === undefined) return undefined
  const folder = resolve(dirname(path), target)
  return existsSync(folder) ? realpathSync.native(folder) : undefined
}

function readLine(path: string): string | undefined {
  return readSmallText(path, { follow: true })?.replace(/\r?\n$/, '')
}
