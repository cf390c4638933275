import { ArtError, type ErrorDetail, isArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { gitLine, gitSetting, shortName } from './line.ts'
import { patience } from './patience.ts'
import type { Prepared } from './publish.ts'
import { refuseOption, runGit } from './run.ts'

/** Where `git push` of the current branch goes. */
export interface PushTarget {
  remote: string
  /** `refs/heads/…` on the remote; undefined on a detached HEAD. */
  branch?: string
}

/**
 * As git would: the remote that is named, or of the branch, or `remote.pushDefault`, or the only one, or `origin`; there the branch that this one
 * follows, or one of its name. Fails with `USAGE` for a remote that is not known, and where none or several could be meant.
 */
export async function pushTarget(repo: Repo, branch: string | undefined, named?: string): Promise<PushTarget> {
  const remotes = (await gitLine(repo, ['remote'])).split('\n').filter((name) => name !== '')
  const short = branch === undefined ? undefined : shortName(branch)
  const settings =
    short === undefined ? [] : [`branch.${short}.pushRemote`, 'remote.pushDefault', `branch.${short}.remote`]
  let remote = named
  for (const key of settings) {
    const set = remote === undefined ? await gitSetting(repo, key) : undefined
    if (set !== undefined && remotes.includes(set)) remote = set
  }
  remote ??= remotes.length === 1 ? remotes[0] : remotes.find((name) => name === 'origin')
  if (remote === undefined || !remotes.includes(refuseOption(remote))) throw noRemote(remote, remotes)
  if (branch === undefined) return { remote }
  const follows = (await gitSetting(repo, `branch.${short}.remote`)) === remote
  const merge = follows ? await gitSetting(repo, `branch.${short}.merge`) : undefined
  return { remote, branch: merge?.startsWith('refs/heads/') ? merge : branch }
}

/** The command that sends a branch and tags that are there: `git push --atomic origin main net@v1.0.0`. */
export function pushWords({ remote, branch }: PushTarget, from: string | undefined, tags: readonly string[]): string[] {
  const [own, there] = [from, branch].map((name) => name && shortName(name))
  const refs = own === undefined || there === undefined ? [] : [own === there ? own : `${own}:${there}`]
  return ['git', 'push', ...(refs.length + tags.length > 1 ? ['--atomic'] : []), remote, ...refs, ...tags]
}

/**
 * The command that sends tags, with the branch where it has a commit of them, and then with what the branch tells of, too: tags that were made before
 * and not sent. Null where it could go nowhere.
 */
export async function nextPush(
  repo: Repo,
  branch: string | undefined,
  { tags, withBranch }: { tags: readonly string[]; withBranch: boolean },
): Promise<string[] | null> {
  try {
    const words = pushWords(await pushTarget(repo, branch), withBranch ? branch : undefined, tags)
    return withBranch ? words.toSpliced(2, 0, '--follow-tags') : words
  } catch {
    return null
  }
}

/** Where something was sent, for people. */
export function sentTo({ remote, branch }: PushTarget, withBranch: boolean): { remote: string; branch?: string } {
  return withBranch && branch !== undefined ? { remote, branch: shortName(branch) } : { remote }
}

function noRemote(named: string | undefined, remotes: readonly string[]): ArtError {
  const known =
    remotes.length === 0 ? 'Run `git remote add origin <url>`.' : `Name one: --push ${remotes.join(' or --push ')}.`
  if (named !== undefined) return new ArtError('USAGE', 'git has no such remote', { path: named, hint: known })
  const what =
    remotes.length === 0 ? 'git has no remote to push to' : 'git has several remotes, and none is called origin'
  return new ArtError('USAGE', what, { hint: known })
}

/** What a git remote has, as it says now. */
export interface RemoteRefs {
  /** Full hash of the tip of a branch, by `refs/heads/…`. */
  branches: ReadonlyMap<string, string>
  /** Names of tags, with the hash of what each refers to. */
  tags: ReadonlyMap<string, string>
}

const ANSWER_MS = 60_000

/** Asks a git remote. Fails with `GIT`, and with `TIMEOUT` where it does not answer. */
export async function remoteRefs(repo: Repo, remote: string, signal?: AbortSignal): Promise<RemoteRefs> {
  const limit = patience(ANSWER_MS, signal)
  const branches = new Map<string, string>()
  const tags = new Map<string, string>()
  try {
    const { stdout } = await runGit(repo, ['ls-remote', '--heads', '--tags', '--', remote], { signal: limit.signal })
    for (const line of stdout.toString('utf8').split('\n')) {
      const [hash, name = ''] = line.split('\t')
      if (name.startsWith('refs/heads/')) branches.set(name, hash!)
      else if (name.startsWith('refs/tags/') && !name.endsWith('^{}')) tags.set(name.slice('refs/tags/'.length), hash!)
    }
    return { branches, tags }
  } catch (error) {
    const late = `the git remote did not answer within ${ANSWER_MS / 1000} s`
    throw limit.reason(error, () => new ArtError('TIMEOUT', late, { path: remote, cause: error }))
  }
}

/** Is a commit in HEAD's history? Not if it is not here at all. */
export async function isBehindHead(repo: Repo, commit: string): Promise<boolean> {
  const { code } = await runGit(repo, ['merge-base', '--is-ancestor', commit, 'HEAD'], { codes: [0, 1, 128] })
  return code === 0
}

/**
 * Sends a commit and its tags that nothing here refers to yet: the remote takes all of it, or nothing. git's own pre-push hook runs. Where that fails the
 * remote is asked what it has: whether the answer alone was lost, or somebody was faster. Fails with `TAG_EXISTS`, and with `GIT`.
 */
export async function pushPrepared(
  repo: Repo,
  prepared: Prepared,
  { remote, branch }: PushTarget,
  signal?: AbortSignal,
): Promise<void> {
  const { commit, tags } = prepared
  const refs = [
    ...(commit === undefined || branch === undefined ? [] : [`${commit}:${branch}`]),
    ...tags.map(({ name, object }) => `${object}:refs/tags/${name}`),
  ]
  const { code, stdout, stderr } = await runGit(repo, ['push', '--atomic', '--porcelain', '--', remote, ...refs], {
    codes: Array.from({ length: 256 }, (_, at) => at),
    signal,
  })
  if (code === 0) return
  const refused = refusals(stdout.toString('utf8'))
  const there = await remoteRefs(repo, remote, signal).catch((error: unknown) => {
    signal?.throwIfAborted()
    if (isArtError(error)) return error
    throw error
  })
  if (there instanceof ArtError) throw refused.length > 0 ? explained(remote, refused, stderr) : unknown(remote, there)
  // The connection may have broken after the remote had taken all of it.
  if (tags.every(({ name, object }) => there.tags.get(name) === object)) return
  const taken = tags.find(({ name }) => there.tags.has(name))
  if (taken !== undefined) throw tagThere(remote, taken.name)
  const tip = branch === undefined ? undefined : there.branches.get(branch)
  if (commit !== undefined && tip !== undefined && !(await isBehindHead(repo, tip))) throw movedThere(remote, branch!)
  throw explained(remote, refused, stderr)
}

interface Refusal {
  /** On the remote. */
  ref: string
  /** In git's words. */
  why: string
}

/** git-push(1), "OUTPUT", `--porcelain`: `<flag>\t<from>:<to>\t<summary> (<reason>)`. */
function refusals(porcelain: string): Refusal[] {
  return porcelain.split('\n').flatMap((line): Refusal[] => {
    const [, ref, why] = /^!\t[^\t]*?:([^\t:]+)\t(.*)$/.exec(line) ?? []
    return ref === undefined || why === undefined ? [] : [{ ref, why }]
  })
}

function unknown(remote: string, cause: ArtError): ArtError {
  return new ArtError(
    'GIT',
    'the push failed, and the remote no longer answers: whether it took the tags is not known',
    {
      path: remote,
      hint: `Nothing was changed here. When ${remote} answers again, \`git fetch --tags ${remote}\` tells; then pull it, or run this again.`,
      cause,
    },
  )
}

/** There is a tag of that name on a remote. */
export function tagThere(remote: string, tag: string): ArtError {
  return new ArtError('TAG_EXISTS', `${remote} has a tag of that name already`, {
    path: tag,
    hint: `Nothing was changed. Run \`git fetch --tags ${remote}\` and look at it; then run this again: the tag will be another.`,
  })
}

function movedThere(remote: string, branch: string): ArtError {
  return new ArtError('GIT', `${remote} has moved on: somebody pushed meanwhile`, {
    path: shortName(branch),
    hint: `Nothing was changed, here or on ${remote}. Run \`git pull --tags ${remote} ${shortName(branch)}\`, look at what came, then run this again.`,
  })
}

/** What it says of itself, where no other reason can be seen. */
function explained(remote: string, refused: readonly Refusal[], stderr: string): ArtError {
  const said = wordsOf(remote, stderr)
  const stays = `Nothing was changed, here or on ${remote}.`
  const [own = refused[0]] = refused.filter(({ why }) => !/atomic push fail(?:ed|ure)/.test(why))
  if (own === undefined) {
    const hint = `${stays} Where a hook stopped it, do what that says; then run this again.`
    return new ArtError('GIT', 'the push failed', { path: remote, hint, details: said })
  }
  const each = refused.map(({ ref, why }) => ({ path: shortName(ref), message: `${shortName(ref)}: ${bare(why)}` }))
  const hint = own.ref.startsWith('refs/tags/')
    ? `${stays} Whoever keeps ${remote} can tell who may push such tags.`
    : `${stays} Where the branch is protected, use --no-commit: only the tag is sent, and \`art models --fix\` writes the files on a branch that is merged.`
  return new ArtError('GIT', `${remote} refused the push`, {
    path: shortName(own.ref),
    hint,
    details: [...each, ...said],
  })
}

const MOST_WORDS = 20

/** What the remote, a hook or git said, without what git says of every push that failed. */
function wordsOf(remote: string, stderr: string): ErrorDetail[] {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^remote:$|^(?:To |hint: |! \[)|failed to push some refs/.test(line))
  return lines.slice(0, MOST_WORDS).map((line) => {
    const path = line.startsWith('remote:') ? remote : 'git'
    return { path, message: `${path} says: ${line.replace(/^(?:remote: *)?(?:(?:error|fatal): )?/, '')}` }
  })
}

/** `[remote rejected] (pre-receive hook declined)` */
function bare(why: string): string {
  return /^\[[^\]]*\] \((.*)\)$/.exec(why)?.[1] ?? why
}
