import { ArtError, isArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { makeTag, type NewTag } from './annotated-tag.ts'
import { type CommittedFile, makeCommit } from './commit-files.ts'
import { findRev } from './history.ts'
import { gitLine, identity, shortName } from './line.ts'
import { runGit } from './run.ts'
import { lockedBy } from './state.ts'

export interface Publication {
  files: readonly CommittedFile[]
  /** Of the commit; none is made where there are no files. */
  message: string
  tags: readonly NewTag[]
  /** When commit and tags say they were made, as `<seconds since 1970> <zone>`; by default now. */
  date?: string
}

export interface Published {
  /** Where HEAD was. */
  before: string
  /** The commit that was made. */
  commit?: string
  /** `refs/heads/…`; undefined where no commit was made. */
  branch?: string
  tags: readonly { name: string; object: string }[]
}

/** Objects that are made, and to which nothing refers yet: git forgets them if that stays so. */
export interface Prepared extends Published {
  /** For the reflog. */
  subject: string
}

/**
 * Makes a commit of some files on the current branch, and tags, in one transaction of git's references: all of it stands, or nothing. The index and
 * the working tree are left as they are: `settleFiles` brings them along.
 *
 * Fails with `TAG_EXISTS`, with `USAGE` on a detached HEAD where there are files, with `LOCKED` where another git is at work, and with `GIT`:
 * also where the branch has moved meanwhile.
 */
export async function publish(repo: Repo, publication: Publication): Promise<Published> {
  const prepared = await prepare(repo, publication)
  await establish(repo, prepared)
  const { subject: _, ...published } = prepared
  return published
}

/** The first half of `publish`: what can be pushed, and is nowhere to be seen yet. */
export async function prepare(given: Repo, { files, message, tags, date }: Publication): Promise<Prepared> {
  // Without the sign git takes only numbers of nine and ten digits for seconds.
  const stamp = `@${date}`
  const dates =
    date === undefined
      ? {}
      : { GIT_COMMITTER_DATE: stamp, GIT_AUTHOR_DATE: given.environment['GIT_AUTHOR_DATE'] ?? stamp }
  const repo: Repo = { ...given, environment: { ...given.environment, ...dates } }
  const before = await headOf(repo)
  const branch = files.length === 0 ? undefined : await currentBranch(repo)
  for (const { name } of tags) if (await hasTag(repo, name)) throw tagExists(name)
  await identity(repo, 'COMMITTER')
  if (branch !== undefined) await identity(repo, 'AUTHOR')
  const subject = message.split('\n', 1)[0]!
  try {
    const commit = branch === undefined ? undefined : await makeCommit(repo, before, files, message)
    const made: { name: string; object: string }[] = []
    for (const tag of tags)
      made.push({ name: tag.name, object: await makeTag(repo, tag, tag.commit ?? commit ?? before) })
    return { before, subject, tags: made, ...(commit === undefined ? {} : { commit, branch: branch! }) }
  } catch (error) {
    throw nothingMade(error)
  }
}

/** The second half: the branch moves and the tags appear, or none of it. */
export async function establish(repo: Repo, prepared: Prepared): Promise<void> {
  const { before, commit, branch, tags, subject } = prepared
  if (branch !== undefined && (await currentBranch(repo)) !== branch) throw moved(branch)
  const commands = [
    ...(commit === undefined ? [] : [`update ${branch}\0${commit}\0${before}\0`]),
    ...tags.map(({ name, object }) => `create refs/tags/${name}\0${object}\0`),
  ]
  try {
    await transact(repo, `art: ${subject}`, commands)
  } catch (error) {
    throw await explained(repo, prepared, error)
  }
}

/** The branch that HEAD is on, as `refs/heads/…`. Fails with `USAGE` on a detached HEAD. */
export async function currentBranch(repo: Repo): Promise<string> {
  const branch = await branchOrNone(repo)
  if (branch !== undefined) return branch
  throw new ArtError('USAGE', 'HEAD is on no branch, so a commit would be lost', {
    hint: 'Run `git switch <branch>` first, or use --no-commit.',
  })
}

/** As `currentBranch`; undefined on a detached HEAD. */
export async function branchOrNone(repo: Repo): Promise<string | undefined> {
  const { code, stdout } = await runGit(repo, ['symbolic-ref', '--quiet', 'HEAD'], { codes: [0, 1] })
  return code === 0 ? stdout.toString('utf8').trim() : undefined
}

export async function hasTag(repo: Repo, name: string): Promise<boolean> {
  const { code } = await runGit(repo, ['show-ref', '--verify', '--quiet', `refs/tags/${name}`], { codes: [0, 1] })
  return code === 0
}

/** The full hash of HEAD. Fails with `GIT` before the first commit. */
export async function headOf(repo: Repo): Promise<string> {
  const head = await findRev(repo, 'HEAD')
  if (head !== undefined) return head
  throw new ArtError('GIT', 'nothing is committed yet', { path: repo.gitRoot, hint: 'Run `git commit` first.' })
}

async function transact(repo: Repo, reason: string, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return
  const carryOut = (input: string) => runGit(repo, ['update-ref', '-m', reason, '-z', '--stdin'], { input })
  try {
    await carryOut(`start\0${commands.join('')}prepare\0commit\0`)
  } catch (error) {
    // git before 2.27, where all that is read up to the end of the input is one transaction.
    if (!isArtError(error, 'GIT') || !error.message.startsWith('unknown command: start')) throw error
    await carryOut(commands.join(''))
  }
}

/** Git says which lock it did not get; people want to know what happened. */
async function explained(repo: Repo, { before, branch, tags }: Prepared, error: unknown): Promise<unknown> {
  if (!isArtError(error, 'GIT')) return error
  for (const { name } of tags) if (await hasTag(repo, name)) return tagExists(name, error)
  if (branch !== undefined && (await gitLine(repo, ['rev-parse', branch])) !== before) return moved(branch, error)
  const [, lock] = /Unable to create '(.+\.lock)': File exists/.exec(error.message) ?? []
  return lock === undefined ? nothingMade(error) : lockedBy(lock, error)
}

/** What git says of a full disk or a hook leaves open what stands now. */
function nothingMade(error: unknown): unknown {
  if (!isArtError(error, 'GIT') || error.hint !== undefined) return error
  const hint = 'Nothing was changed: no commit and no tag was made. Run it again when that is cleared.'
  return new ArtError('GIT', error.message, { path: error.path, hint, cause: error })
}

export function tagExists(name: string, cause?: unknown): ArtError {
  return new ArtError('TAG_EXISTS', 'there is a tag of that name already', {
    path: name,
    hint: `Look at it with \`git show ${name}\`; choose another version.`,
    cause,
  })
}

/** What was looked at is not what would be built on. */
export function moved(branch: string, cause?: unknown): ArtError {
  return new ArtError('GIT', 'the branch has moved meanwhile', {
    path: shortName(branch),
    hint: 'Nothing was changed. Run it again.',
    retryable: true,
    cause,
  })
}
