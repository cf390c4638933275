import { lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { cacheLayout, isCache } from '@art/core/cache/layout.ts'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import { namesIn, refuseLink, refuseLinksAmong } from './link.ts'
import { isOwnLevel, ownLevelFlag } from './own-level.ts'

type Place = Pick<Repo, 'root' | 'cacheDir' | 'config' | 'localIsOwn' | 'gitRoot' | 'commonGitDir'>

/**
 * A committed setting, or a link in place of the cache, may name any folder of this machine. Outside the repository, and among other things
 * inside it, it is used only where it is an art cache already, as teams share one, or where the user has named it. Fails with `CONFIG_INVALID` or `PATH_UNSAFE`.
 */
export function refuseStrangeCache(repo: Place): void {
  const { cacheDir, config } = repo
  const level = config.entry('cache.dir')?.level ?? 'default'
  if (isOwnLevel(repo, level)) return
  const real = realPlace(cacheDir)
  const isHere = level === 'default' ? real === cacheDir : isBelow(repo.root, real) && !isInGit(repo, real)
  const path = level === 'default' ? cacheDir : '.art/config.yaml'
  if (!isHere) return refuseOther(repo, real, 'outside the repository', path)
  const isOurs = level === 'default' || isBelow(join(repo.root, '.art'), real) || holdsNothingElse(real)
  if (!isOurs) refuseOther(repo, real, 'among other things', path)
  refuseLinks(real)
  // What git does not track has come from nowhere but this machine: the many folders one below need no look each time.
  if (level !== 'default' || repo.gitRoot === undefined) refuseLinksBelow(real)
}

function refuseOther(repo: Place, real: string, where: string, path: string): void {
  if (isCache(real)) return
  const command = `art cache dir ${ownLevelFlag(repo)} ${shellWord(real)}`
  throw new ArtError('CONFIG_INVALID', `the cache would lie ${where}, in ${real}, which is no art cache`, {
    path,
    hint: `Run \`${command}\` if you want it there.`,
  })
}

/** What a cache holds, also one that was cut short while it was made. */
const OWN = new Set(['.gitignore', 'art-cache', 'objects', 'packs', 'tables', 'tensors', 'tmp'])

function holdsNothingElse(real: string): boolean {
  return namesIn(real).every((name) => OWN.has(name))
}

function isInGit({ commonGitDir }: Place, real: string): boolean {
  return commonGitDir !== undefined && (real === commonGitDir || isBelow(commonGitDir, real))
}

/** Writing goes into these folders and those one below, so none may be a link that somebody has put there. */
function refuseLinks(root: string): void {
  const { objects, packs, tables, tensors, temporary } = cacheLayout(root)
  for (const path of [objects, packs, tables, tensors, temporary]) refuseLink(path)
}

function refuseLinksBelow(root: string): void {
  const { objects, tables } = cacheLayout(root)
  for (const folder of [objects, tables]) refuseLinksAmong(folder)
}

/** The path with its nearest existing folder made real. */
function realPlace(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fromSystemError(error, path)
    // It would be followed once somebody makes what it names.
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw leadsNowhere(path, error)
    return join(realPlace(dirname(path)), basename(path))
  }
}

function leadsNowhere(path: string, cause: unknown): ArtError {
  return new ArtError('PATH_UNSAFE', 'a symbolic link leads nowhere', {
    path,
    hint: 'Make the folder that it names, or remove it.',
    cause,
  })
}

function isBelow(folder: string, path: string): boolean {
  const below = relative(folder, path)
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below)
}
