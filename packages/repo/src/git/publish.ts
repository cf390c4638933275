import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { ArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { runGit } from './run.ts'

/** A file as a commit shall have it. */
export interface CommittedFile {
  /** Relative to the repository's root, `/`-separated. */
  path: string
  /** undefined: the commit has none of that name. */
  text: string | undefined
}

export interface NewTag {
  name: string
  message: string
  /** Full hash; by default the commit that is made, or HEAD where none is. */
  commit?: string
}

export interface Publication {
  files: readonly CommittedFile[]
  /** Of the commit; none is made where there are no files. */
  message: string
  tags: readonly NewTag[]
}

export interface Published {
  /** Where the branch was. */
  before: string
  /** The commit that was made. */
  commit?: string
  /** `refs/heads/…`; undefined where no commit was made. */
  branch?: string
  tags: readonly { name: string; object: string }[]
}

/**
 * Makes a commit of some files on the current branch, and tags, in one transaction of git's references: all of it stands, or nothing. The index and
 * the working tree are left as they are: `settleFiles` brings them along. Fails with `GIT`, and with `USAGE` on a detached HEAD.
 */
export async function publish(repo: Repo, { files, message, tags }: Publication): Promise<Published> {
  const before = await line(repo, ['rev-parse', '--verify', 'HEAD^{commit}'])
  const branch = files.length === 0 ? undefined : await currentBranch(repo)
  const commit = branch === undefined ? undefined : await makeCommit(repo, before, files, message)
  const made: { name: string; object: string }[] = []
  for (const tag of tags)
    made.push({ name: tag.name, object: await makeTag(repo, tag, tag.commit ?? commit ?? before) })
  const lines = [
    'start',
    ...(commit === undefined ? [] : [`update ${branch} ${commit} ${before}`]),
    ...made.map(({ name, object }) => `create refs/tags/${name} ${object}`),
    'prepare',
    'commit',
  ]
  await runGit(repo, ['update-ref', '-m', `art: ${message.split('\n', 1)[0]}`, '--stdin'], {
    input: `${lines.join('\n')}\n`,
  })
  return { before, tags: made, ...(commit === undefined ? {} : { commit, branch: branch! }) }
}

/** Takes a publication back, unless something has moved on since. Fails with `GIT`. */
export async function unpublish(repo: Repo, { before, commit, branch, tags }: Published): Promise<void> {
  const lines = [
    'start',
    ...(commit === undefined ? [] : [`update ${branch} ${before} ${commit}`]),
    ...tags.map(({ name, object }) => `delete refs/tags/${name} ${object}`),
    'prepare',
    'commit',
  ]
  await runGit(repo, ['update-ref', '-m', 'art: taken back', '--stdin'], { input: `${lines.join('\n')}\n` })
}

/** The branch that HEAD is on, as `refs/heads/…`. Fails with `USAGE` on a detached HEAD. */
export async function currentBranch(repo: Repo): Promise<string> {
  const { code, stdout } = await runGit(repo, ['symbolic-ref', '--quiet', 'HEAD'], { codes: [0, 1] })
  if (code === 0) return stdout.toString('utf8').trim()
  throw new ArtError('USAGE', 'HEAD is on no branch, so a commit would be lost', {
    hint: 'Run `git switch <branch>` first, or use --no-commit.',
  })
}

/** Where the repository of art lies in that of git: empty, or `folder/`. */
export function gitPrefix({ root, gitRoot }: Pick<Repo, 'root' | 'gitRoot'>): string {
  const inside = gitRoot === undefined ? '' : relative(gitRoot, root).split(sep).join('/')
  return inside === '' ? '' : `${inside}/`
}

async function makeCommit(
  repo: Repo,
  parent: string,
  files: readonly CommittedFile[],
  message: string,
): Promise<string> {
  const lines: string[] = []
  for (const { path, text } of files) {
    const at = gitPrefix(repo) + path
    if (text === undefined) lines.push(`0 ${'0'.repeat(40)}\t${at}\0`)
    else lines.push(`100644 ${await writeBlob(repo, text)}\t${at}\0`)
  }
  const tree = await withIndex(repo, async (own) => {
    await runGit(own, ['read-tree', parent])
    await runGit(own, ['update-index', '-z', '--index-info'], { input: lines.join('') })
    return await line(own, ['write-tree'])
  })
  const sign = await runGit(repo, ['config', '--type=bool', 'commit.gpgSign'], { codes: [0, 1] })
  const signed = sign.stdout.toString('latin1').trim() === 'true' ? ['-S'] : []
  return await line(repo, ['commit-tree', tree, '-p', parent, ...signed], `${message}\n`)
}

/** The name that git gives a text, which is kept. */
export async function writeBlob(repo: Repo, text: string): Promise<string> {
  return await line(repo, ['hash-object', '-w', '--no-filters', '--stdin'], text)
}

/** An index of its own: what the user has staged is none of this commit's. */
async function withIndex<T>(repo: Repo, work: (own: Repo) => Promise<T>): Promise<T> {
  const path = join(repo.gitDir!, `art-index-${randomBytes(6).toString('hex')}`)
  try {
    return await work({ ...repo, environment: { ...repo.environment, GIT_INDEX_FILE: path } })
  } finally {
    rmSync(path, { force: true })
    rmSync(`${path}.lock`, { force: true })
  }
}

async function makeTag(repo: Repo, { name, message }: NewTag, commit: string): Promise<string> {
  const tagger = await line(repo, ['var', 'GIT_COMMITTER_IDENT'])
  const text = `object ${commit}\ntype commit\ntag ${name}\ntagger ${tagger}\n\n${message.trimEnd()}\n`
  return await line(repo, ['hash-object', '-t', 'tag', '-w', '--stdin'], text)
}

async function line(repo: Repo, args: readonly string[], input?: string): Promise<string> {
  const { stdout } = await runGit(repo, args, input === undefined ? {} : { input })
  return stdout.toString('utf8').trim()
}
