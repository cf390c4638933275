import { appendFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArtError, type CallOptions, isArtError } from '@art/core'
import { findRev } from '../git/history.ts'
import { patience } from '../git/patience.ts'
import { type GitContext, refuseOption, runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'
import { removeOldFolders } from '../workspace/old-folders.ts'
import { repositoryIn, rootIn } from './borrowed-repository.ts'
import type { GetSource } from './source.ts'

/** What git may do with a stranger's repository: nothing that runs a program, no submodules, and no waiting without an end. */
const SAFELY = `
[protocol "ext"]
\tallow = never
[protocol "fd"]
\tallow = never
[core]
\thooksPath = /dev/null
\tfsmonitor = false
[fetch]
\trecurseSubmodules = false
[maintenance]
\tauto = false
[gc]
\tauto = 0
[http]
\tlowSpeedLimit = 1
\tlowSpeedTime = 60
`

/** For all that git brings: names, trees and pointers, and no data. */
const MOST_MILLISECONDS = 10 * 60_000

const PREFIX = 'art-get-'

const WANTED = 'refs/art/wanted'
const NOTHING = 'refs/art/nothing'

/** A part of another repository's history, in a temporary folder: commits and trees; texts come as they are read. */
export interface Borrowed {
  git: GitContext
  /** Brings a revision, by default that of HEAD, and returns its full hash. Fails with `GIT`. */
  commit(rev: string | undefined): Promise<string>
  /** A revision of a repository whose HEAD names no branch that is there: with `anyTag` that of its newest tag will do. Fails with `GIT`. */
  withoutHead(anyTag: boolean): Promise<string>
  /** Brings what all tags are of. */
  tags(): Promise<void>
  /** Brings one commit more, that of a tag or one that its message names. */
  holder(commit: string): Promise<void>
  /** The repository of art in a commit whose folder is `prefix` or above; with `anywhere`, the only one. Fails with `NOT_A_REPOSITORY`. */
  repository(commit: string, prefix: string, options?: { anywhere?: boolean }): Promise<Repo>
}

/**
 * Runs `work` with a repository that is gone afterwards; again, with all texts at once, where the server lets them be left out and then gives none by
 * its name: as by git's first protocol, which is what an sshd without `AcceptEnv GIT_PROTOCOL` speaks.
 */
export async function withBorrowed<T>(
  source: GetSource & { url: string },
  environment: NodeJS.ProcessEnv,
  { signal }: CallOptions,
  work: (borrowed: Borrowed) => Promise<T>,
): Promise<T> {
  removeOldFolders(tmpdir(), PREFIX)
  const limit = patience(MOST_MILLISECONDS, signal)
  const attempt = async (filters: boolean): Promise<T> => {
    const folder = realpathSync.native(mkdtempSync(join(tmpdir(), PREFIX)))
    try {
      return await work(await borrow(source, { root: folder, environment, gitSignal: limit.signal }, filters))
    } catch (error) {
      const failure = limit.reason(error, () => tooLong(source.name))
      if (failure !== error || !isArtError(error, 'GIT') || error.path !== folder) throw failure
      if (!filters || !/unadvertised object/.test(error.message)) throw aboutSource(error, source)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    return await attempt(false)
  }
  return await attempt(true)
}

async function borrow(
  source: GetSource & { url: string },
  place: Pick<GitContext, 'root' | 'environment' | 'gitSignal'>,
  filters: boolean,
): Promise<Borrowed> {
  const { root: folder, environment } = place
  const git: GitContext = { ...place, gitRoot: folder, gitDir: join(folder, '.git') }
  const run = async (...args: string[]): Promise<void> => void (await runGit(git, args))
  await run('init', '--quiet', '--template=')
  // A branch that is checked out could not be fetched, and this user's `init.defaultBranch` may be the repository's.
  await run('symbolic-ref', 'HEAD', NOTHING)
  appendFileSync(join(folder, '.git', 'config'), SAFELY)
  await boundSsh(git)
  await run('remote', 'add', 'origin', source.url)
  const fetch = async (filter: string, shallow: boolean, ...refs: string[]): Promise<void> => {
    const flags = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head']
    if (filters) flags.push(`--filter=${filter}`)
    if (shallow) flags.push('--depth=1')
    await run('fetch', ...flags, 'origin', ...refs)
  }
  const wanted = async (rev: string): Promise<string> => {
    if (/^[+^]|[:*?[\\\s~]/.test(refuseOption(rev))) throw unknownRev(rev)
    await fetch('blob:none', true, `+${rev}:${WANTED}`)
    return (await findRev(git, WANTED))!
  }
  return {
    git,
    commit: async (rev) => {
      try {
        return await wanted(rev ?? 'HEAD')
      } catch (error) {
        if (rev === undefined || !isUnknown(error)) throw error
        // An abbreviated hash, or `main~2`: git must see the history for it.
        await fetch('tree:0', false, '+HEAD:refs/art/head', '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*')
        await run('update-ref', '--no-deref', 'HEAD', 'refs/art/head')
        const commit = await findRev(git, rev)
        if (commit === undefined) throw unknownRev(rev)
        return commit
      }
    },
    withoutHead: async (anyTag) => {
      await fetch('tree:0', true, '+refs/heads/*:refs/art/heads/*', ...(anyTag ? ['+refs/tags/*:refs/tags/*'] : []))
      const branches = await namesBelow(git, 'refs/art/heads')
      if (branches.length === 1) return await wanted(`refs/heads/${branches[0]}`)
      const [newest] = anyTag ? await namesBelow(git, 'refs/tags') : []
      if (newest !== undefined) return await wanted(`refs/tags/${newest}`)
      throw headless(source.name, branches)
    },
    tags: async () => await fetch('tree:0', true, '+refs/tags/*:refs/tags/*'),
    holder: async (commit) => {
      if (await hasCommit(git, commit)) return
      try {
        await fetch('blob:none', true, `+${commit}:refs/art/holder`)
      } catch {
        // A server that gives no commit by its name gives it with the history that it is in.
        await run('fetch', '--quiet', '--unshallow', '--no-recurse-submodules', 'origin', '+refs/tags/*:refs/tags/*')
      }
    },
    repository: async (commit, prefix, { anywhere = false } = {}) =>
      await repositoryIn(
        git,
        folder,
        commit,
        await rootIn(git, commit, prefix, anywhere, source.name),
        source,
        environment,
      ),
  }
}

/** An ssh that waits for a server for ever ends, unless the user has said which ssh. */
async function boundSsh(git: GitContext): Promise<void> {
  const { GIT_SSH_COMMAND: command, GIT_SSH: program } = git.environment
  if (command || program || (await runGit(git, ['config', 'core.sshCommand'], { codes: [0, 1] })).code === 0) return
  const bounds = ['ConnectTimeout=60', 'ServerAliveInterval=20', 'ServerAliveCountMax=3'].map((one) => `-o ${one}`)
  await runGit(git, ['config', 'core.sshCommand', `ssh ${bounds.join(' ')}`])
}

/** The newest first. */
async function namesBelow(git: GitContext, folder: string): Promise<string[]> {
  const { stdout } = await runGit(git, ['for-each-ref', '--sort=-creatordate', '--format=%(refname)', `${folder}/`])
  const names = stdout.toString('utf8').split('\n')
  return names.filter((name) => name !== '').map((name) => name.slice(folder.length + 1))
}

function headless(path: string, branches: readonly string[]): ArtError {
  return new ArtError('GIT', 'that repository has no default branch: its HEAD names none that is there', {
    path,
    hint:
      branches.length === 0
        ? 'Name a tag with --rev; `git ls-remote` lists what there is.'
        : `Say which commit with --rev: ${branches.slice(0, 5).join(', ')}.`,
  })
}

/** Without asking the server for it. */
async function hasCommit(git: GitContext, commit: string): Promise<boolean> {
  const environment = { ...git.environment, GIT_NO_LAZY_FETCH: '1' }
  return (
    (await runGit({ ...git, environment }, ['cat-file', '-e', `${commit}^{tree}`], { codes: [0, 1, 128] })).code === 0
  )
}

/** Does that repository lack what was asked for? */
export function isUnknown(error: unknown): boolean {
  return (
    isArtError(error, 'GIT') &&
    /couldn't find remote ref|no commit|invalid refspec|not our ref|unadvertised/i.test(error.message)
  )
}

function unknownRev(rev: string): ArtError {
  return new ArtError('GIT', `that repository has no commit ${JSON.stringify(rev)} (couldn't find remote ref)`, {
    path: rev,
    hint: 'Name a branch, a tag or a full hash.',
  })
}

/** What git says of its own folder is about where it reads from. */
function aboutSource(error: ArtError, { name }: GetSource): ArtError {
  const { message: said } = error
  const [, known = 'Check the address: `git ls-remote` must be able to read it.'] =
    HINTS.find(([pattern]) => pattern.test(said)) ?? []
  const { hint = known } = error
  return new ArtError('GIT', said, { path: name, hint, cause: error })
}

const HINTS: readonly [RegExp, string][] = [
  [
    /could not read (?:Username|Password)|Authentication failed|Permission denied/i,
    'Set up a credential helper or an ssh key for that host: art asks for no password.',
  ],
  [/Host key verification failed/, 'Run `git ls-remote` on it once, and compare the key that it shows.'],
  [/not support shallow/, 'That server gives whole clones only: clone the repository, and run `art pull` in it.'],
  [/Operation too slow|timed out/i, 'The server does not answer: try again later, or check the address.'],
]

function tooLong(path: string): ArtError {
  return new ArtError('TIMEOUT', 'git took longer than ten minutes', {
    path,
    hint: 'Clone the repository, and run `art pull` in it.',
  })
}
