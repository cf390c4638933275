import { lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ArtError } from '@art/core'
import type { Repo } from '../open.ts'

type Place = Pick<Repo, 'root' | 'cwd'>

/** A path as typed, relative to the repository's root and `/`-separated; empty for the root. Fails with `PATH_OUTSIDE`. */
export function repoPath(repo: Place, path: string): string {
  if (path === '' || path.includes('\0')) {
    throw new ArtError('USAGE', 'this is no path', { path, hint: 'Name a file or a folder.' })
  }
  const absolute = resolve(repo.cwd, path)
  const found = below(repo.root, absolute) ?? below(repo.root, realParent(absolute))
  if (found !== undefined) return found
  throw new ArtError('PATH_OUTSIDE', 'the path is outside the repository', {
    path,
    hint: `Name something below ${repo.root}.`,
  })
}

/** A name as typed, relative to the root as every path of a result is, wherever it leads: to name what failed. */
export function namedPath(repo: Place, name: string): string {
  if (name === '') return name
  const path = relative(repo.root, resolve(repo.cwd, name)).split(sep).join('/')
  return path.startsWith('../') && isAbsolute(name) ? name : path || '.'
}

/** How a root-relative path is typed in the current folder. One that leads out of the repository may be absolute, and stays. */
export function typedPath(repo: Place, path: string): string {
  return path === '' || isAbsolute(path) ? path : relative(repo.cwd, join(repo.root, path)).split(sep).join('/') || '.'
}

/**
 * Checks that writing to a root-relative path stays inside the repository: no parent is a symbolic link, and no segment leads out
 * or into git's or art's own folder. What does not exist yet is fine. Fails with `PATH_UNSAFE`.
 */
export function assertInside(repo: Pick<Repo, 'root'>, path: string): void {
  const segments = path.split('/')
  for (const segment of segments) {
    if (segment !== '' && segment !== '..' && segment !== '.' && !/^\.(?:git|art)$/i.test(segment)) continue
    throw unsafe(
      path,
      segment === '..'
        ? 'the path leads out of the repository'
        : `the path leads through ${segment || 'an empty name'}`,
    )
  }
  let folder = repo.root
  for (const segment of segments.slice(0, -1)) {
    folder = join(folder, segment)
    const stats = lstatSync(folder, { throwIfNoEntry: false })
    if (stats === undefined) return
    if (stats.isSymbolicLink()) throw unsafe(path, `the folder ${relative(repo.root, folder)} is a symbolic link`)
    if (!stats.isDirectory()) throw unsafe(path, `${relative(repo.root, folder)} is no folder`)
  }
}

/** As `assertInside`, for paths of which one that leads elsewhere is nobody's mistake. */
export function leadsInside(repo: Pick<Repo, 'root'>, path: string): boolean {
  try {
    assertInside(repo, path)
    return true
  } catch {
    return false
  }
}

function unsafe(path: string, message: string): ArtError {
  return new ArtError('PATH_UNSAFE', message, { path, hint: 'Use a path of real folders inside the repository.' })
}

function below(root: string, absolute: string): string | undefined {
  const path = relative(root, absolute)
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) return undefined
  return path.split(sep).join('/')
}

/** The path with its nearest existing folder made real: the repository may have been named through a link. */
function realParent(absolute: string): string {
  const tail: string[] = []
  for (let at = absolute; ; at = dirname(at)) {
    if (at === dirname(at)) return absolute
    tail.unshift(basename(at))
    try {
      return join(realpathSync.native(dirname(at)), ...tail)
    } catch {
      // Not there either: one folder up.
    }
  }
}
