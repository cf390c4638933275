import { existsSync, realpathSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ArtError, fromSystemError } from '@art/core'
import { findGit } from '../git/place.ts'
import { findRoot } from '../open.ts'

/** The repository that something is taken from. */
export interface GetSource {
  /** As it was named. */
  name: string
  /** What git is given; undefined for a folder without git. */
  url?: string
  /** Of a folder on this machine: the root of art's repository in its working tree, if it has one. */
  root?: string
  /** The folder itself, of which names start: absolute, real. */
  folder?: string
  /** Where the named folder lies in its git repository: empty at the top. */
  prefix: string
  /** Of a repository on this machine: its top, where relative places in its committed configuration start. */
  top?: string
}

const ADDRESS = /^(?:https?|ssh|git|file|git\+ssh):\/\//i
/** `host:path` and `user@host:path`, as scp has them; one letter and a colon is a drive. */
const LIKE_SCP = /^(?:[^/@:\s]+@)?(?:\[[^\]\s]+\]|[^/:@[\]\s]{2,}):(?!:)[^\s]/

/**
 * Reads the name of a repository: an address that git knows, or a folder. Fails with `USAGE` for an address that would run a program (`ext::…`) or
 * that git would take for an option, and with `NOT_FOUND` where there is no such folder.
 */
export function getSource(name: string, cwd: string, environment: NodeJS.ProcessEnv): GetSource {
  if (name === '' || name.startsWith('-') || /[\0\n]/.test(name) || /^[A-Za-z0-9+.-]+::/.test(name)) throw strange(name)
  const isThere = existsSync(resolve(cwd, name))
  if (!isThere && /^file:\/\//i.test(name)) return ofFolder(name, fromFileUrl(name), environment, name)
  const hasScheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(name)
  if (!isThere && (hasScheme ? ADDRESS : LIKE_SCP).test(name))
    return { name: shownAddress(name), url: name, prefix: '' }
  if (!isThere && hasScheme) throw strange(name)
  return ofFolder(name, resolve(cwd, name), environment)
}

/** Without what it may say of who the user is: passwords and tokens. */
export function shownAddress(name: string): string {
  return name.replace(/^(https?:\/\/)[^/?#]*@/i, '$1')
}

function ofFolder(name: string, path: string, environment: NodeJS.ProcessEnv, url?: string): GetSource {
  let folder: string
  try {
    folder = realpathSync.native(path)
  } catch (error) {
    throw fromSystemError(error, name)
  }
  if (!statSync(folder).isDirectory())
    throw new ArtError('NOT_FOUND', 'this is no folder', { path: name, hint: 'Name a repository.' })
  // A file:// address is of what is committed, as another machine would see it.
  const root = url === undefined ? findRoot(folder) : undefined
  if (existsSync(join(folder, 'HEAD')) && existsSync(join(folder, 'objects')))
    return { name, url: url ?? folder, folder, prefix: '', top: folder }
  const git = findGit(folder, { PATH: environment['PATH'] })
  if (git === undefined && root === undefined)
    throw new ArtError('NOT_FOUND', 'neither a repository nor a remote is here', {
      path: name,
      hint: 'Name its folder or its address.',
    })
  const top = git?.gitRoot ?? root!
  const prefix = relative(top, folder).split(sep).join('/')
  const common = { name, folder, prefix: git === undefined ? '' : prefix, top }
  return {
    ...common,
    ...(git === undefined ? {} : { url: url ?? git.gitRoot }),
    ...(root === undefined ? {} : { root }),
  }
}

function fromFileUrl(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw strange(url)
  }
}

function strange(name: string): ArtError {
  return new ArtError('USAGE', 'this is no repository that art takes anything from', {
    path: name,
    hint: 'Name a folder, or an address such as https://host/team/models.git or git@host:team/models.git.',
  })
}
