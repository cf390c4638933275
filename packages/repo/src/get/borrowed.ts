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

/** Runs `work` with a repository that is gone afterwards. */
export async function withBorrowed<T>(
  source: GetSource & { url: string },
  environment: NodeJS.ProcessEnv,
  options: CallOptions,
  work: (borrowed: Borrowed) => Promise<T>,
): Promise<T> {
  removeOldFolders(tmpdir(), PREFIX)
  const folder = realpathSync.native(mkdtempSync(join(tmpdir(), PREFIX)))
  try {
    return await work(await borrow(source, folder, environment, options))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function borrow(
  source: GetSource & { url: string },
  folder: string,
  environment: NodeJS.ProcessEnv,
  { signal }: CallOptions,
): Promise<Borrowed> {
  const git: GitContext = { root: folder, environment, gitRoot: folder, gitDir: join(folder, '.git') }
  const limit = patience(MOST_MILLISECONDS, signal)
  const run = async (...args: string[]): Promise<void> => {
    try {
      await runGit(git, args, { signal: limit.signal })
    } catch (error) {
      throw limit.reason(aboutSource(error, source), () => tooLong(source.name))
    }
  }
  await run('init', '--quiet', '--template=')
  appendFileSync(join(folder, '.git', 'config'), SAFELY)
  await run('remote', 'add', 'origin', source.url)
  const fetch = async (filter: string, shallow: boolean, ...refs: string[]): Promise<void> => {
    const flags = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', `--filter=${filter}`]
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

function aboutSource(error: unknown, { name }: GetSource): unknown {
  if (!isArtError(error, 'GIT')) return error
  const said = error.message.replace(/^(?:fatal|error): /, '')
  const hint = /dubious ownership/.test(said)
    ? error.hint
    : /could not read (?:Username|Password)|Authentication failed|Permission denied/i.test(said)
      ? 'Set up a credential helper or an ssh key for that host: art asks for no password.'
      : 'Check the address: `git ls-remote` must be able to read it.'
  return new ArtError('GIT', said, { path: name, hint, cause: error })
}

function tooLong(path: string): ArtError {
  return new ArtError('TIMEOUT', 'git took longer than ten minutes', {
    path,
    hint: 'Clone the repository, and run `art pull` in it.',
  })
}
