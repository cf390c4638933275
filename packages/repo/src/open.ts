import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { type Config, loadConfig } from './config/config.ts'
import { findGit, type GitPlace } from './git/place.ts'
import { shellWord } from './shell-word.ts'
import { refuseTracked } from './trust/tracked.ts'

/** An open repository. All paths are absolute and free of symbolic links, but for `prefix`. */
export interface Repo {
  /** The folder that holds `.art`. */
  root: string
  artDir: string
  cacheDir: string
  tmpDir: string
  indexDir: string
  cwd: string
  /** `cwd` relative to `root`, `/`-separated, empty at the root. */
  prefix: string
  /** 32 hex digits, the same in every clone and fork. */
  repoId: string
  config: Config
  /** Top of the git working tree; undefined without git. */
  gitRoot?: string
  gitDir?: string
  /** Ends what git does for it, and all that this runs: of a repository whose texts a server gives as they are read. */
  gitSignal?: AbortSignal
  /** The git folder that all worktrees share: `gitDir`, unless this is a linked one. Undefined without git. */
  commonGitDir?: string
  /** `config.local.yaml` came from nowhere but this machine: git is there, and does not track it. */
  localIsOwn: boolean
  environment: NodeJS.ProcessEnv
}

export interface OpenOptions {
  cwd: string
  environment?: NodeJS.ProcessEnv
}

/** Finds the repository around `cwd`. Fails with `NOT_A_REPOSITORY`, `CONFIG_INVALID` or `PATH_UNSAFE`. */
export async function openRepo({ cwd, environment = process.env }: OpenOptions): Promise<Repo> {
  const start = realFolder(cwd)
  const root = findRoot(start)
  if (root === undefined) throw await noRepository(start, environment)
  const artDir = join(root, '.art')
  const around = findGit(root, environment)
  if (around !== undefined) await refuseTracked(root, around, environment)
  const config = await loadConfig({ artDir, cwd: start, environment })
  const { repoId } = config
  if (repoId === undefined || !/^[0-9a-f]{32}$/.test(repoId)) {
    throw new ArtError('CONFIG_INVALID', 'the line `repo: <32 hex digits>` is missing', {
      path: join(artDir, 'config.yaml'),
      hint: 'Restore the file from git: all clones of a repository share this line.',
    })
  }
  const git = config.get('core.no_git') ? undefined : around
  return {
    root,
    artDir,
    cacheDir: config.entry('cache.dir')?.level === 'default' ? standardCache(root, git) : config.get('cache.dir'),
    tmpDir: join(artDir, 'tmp'),
    indexDir: join(artDir, 'index'),
    cwd: start,
    prefix: relative(root, start).split(sep).join('/'),
    repoId,
    config,
    ...git,
    localIsOwn: around !== undefined,
    environment,
  }
}

async function noRepository(start: string, environment: NodeJS.ProcessEnv): Promise<ArtError> {
  const git = findGit(start, environment)
  const { excludedPaths } = await import('./git/excluded.ts')
  const [left] =
    git === undefined
      ? []
      : await excludedPaths({ ...git, root: git.gitRoot, environment }, EVERY_CONFIG).catch(() => [])
  if (left === undefined) {
    const hint = 'Run `art init`.'
    return new ArtError('NOT_A_REPOSITORY', 'no art repository here or in a folder above', { path: start, hint })
  }
  // Which folder its names start in depends on git's version.
  const at = start === git!.gitRoot ? '' : `-C ${shellWord(git!.gitRoot)} `
  return new ArtError('NOT_A_REPOSITORY', `this sparse checkout leaves out ${left}`, {
    path: start,
    hint: `Run \`git ${at}sparse-checkout add ${shellWord(dirname(left))}\`.`,
  })
}

const EVERY_CONFIG = [':(glob)**/.art/config.yaml']

/** The real path of an existing folder. */
export function realFolder(path: string): string {
  try {
    const real = realpathSync.native(resolve(path))
    if (statSync(real).isDirectory()) return real
  } catch (error) {
    throw fromSystemError(error, path)
  }
  throw new ArtError('NOT_FOUND', 'this is no folder', { path, hint: 'Name a folder.' })
}

/** The nearest folder upwards with `.art/config.yaml`; a git repository without one ends the search. */
export function findRoot(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.art', 'config.yaml'))) return folder
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) return undefined
  }
}

/** Worktrees of one repository share the main worktree's cache; those of a bare one a cache inside it. */
function standardCache(root: string, git: GitPlace | undefined): string {
  const own = join(root, '.art', 'cache')
  if (git === undefined || git.commonGitDir === git.gitDir) return own
  const below = relative(git.gitRoot, root)
  if (basename(git.commonGitDir) === '.git') return join(dirname(git.commonGitDir), below, '.art', 'cache')
  return join(git.commonGitDir, 'art', below, 'cache')
}
