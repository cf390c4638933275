import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Repo } from '../open.ts'
import { gitLine, gitPrefix, isOn } from './line.ts'
import { items, runGit } from './run.ts'
import { notSigned } from './signing.ts'
import { blobName, writeBlobs } from './write-blobs.ts'

/** A file as a commit shall have it. */
export interface CommittedFile {
  /** Relative to the repository's root, `/`-separated. */
  path: string
  /** undefined: the commit has none of that name. */
  text: string | undefined
}

/** Makes a commit on a parent that has these files and otherwise what the parent has; nothing refers to it yet. Full hash. */
export async function makeCommit(
  repo: Repo,
  parent: string,
  files: readonly CommittedFile[],
  message: string,
): Promise<string> {
  await writeBlobs(
    repo,
    files.flatMap(({ text }) => text ?? []),
    parent.length,
  )
  const input = indexLines(repo, files, parent.length)
  const tree = await withIndex(repo, async (own) => {
    await runGit(own, [...PLAIN_INDEX, 'read-tree', parent])
    await runGit(own, [...PLAIN_INDEX, 'update-index', '-z', '--index-info'], { input })
    return await gitLine(own, ['write-tree'])
  })
  const isSigned = await isOn(repo, 'commit.gpgSign')
  const args = ['-c', 'i18n.commitEncoding=UTF-8', 'commit-tree', tree, '-p', parent, ...(isSigned ? ['-S'] : [])]
  return await gitLine(repo, args, { input: `${message.trimEnd()}\n` }).catch((error: Error) => {
    throw isSigned ? notSigned(repo, 'commit', error.message) : error
  })
}

/** What `git update-index -z --index-info` takes, of texts that git has; `digits` is the length of the repository's hashes. */
export function indexLines(repo: Repo, files: readonly CommittedFile[], digits: number): string {
  const prefix = gitPrefix(repo)
  return files
    .map(({ path, text }) => {
      const told = text === undefined ? `0 ${'0'.repeat(digits)}` : `100644 ${blobName(text, digits)}`
      return `${told}\t${prefix}${path}\0`
    })
    .join('')
}

/** Those of the paths that a commit has. */
export async function filesThere(repo: Repo, commit: string, paths: readonly string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set()
  const named = asArguments(paths)
  const whole = named.length === 0 ? ['-r', '-t'] : []
  const listed = items(
    await runGit(repo, ['--literal-pathspecs', 'ls-tree', ...whole, '--name-only', '-z', commit, ...named]),
  )
  const asked = new Set(paths)
  return new Set(listed.filter((path) => asked.has(path)))
}

/** For a git that lists what is at these paths; where they are too many for a command line nothing, so that it lists all there is. */
export function asArguments(paths: readonly string[]): string[] {
  const length = paths.reduce((sum, path) => sum + Buffer.byteLength(path) + 1, 0)
  return length > ARGUMENTS_MAX ? [] : ['--', ...paths]
}

/** Bytes; Windows takes 32,767 characters. */
const ARGUMENTS_MAX = 24_000

/** What people set for their own index, which is large and lives long. */
const PLAIN_INDEX = ['core.splitIndex', 'core.fsmonitor', 'core.untrackedCache', 'index.sparse'].flatMap((key) => [
  '-c',
  `${key}=false`,
])

const OWN_INDEX = /^art-index-[0-9a-f]{12}(?:\.lock)?$/
const HOUR = 3_600_000

/** An index of its own: what the user has staged is none of this commit's. */
async function withIndex<T>(repo: Repo, work: (own: Repo) => Promise<T>): Promise<T> {
  const folder = repo.gitDir!
  for (const name of readdirSync(folder)) {
    if (!OWN_INDEX.test(name)) continue
    const stat = lstatSync(join(folder, name), { throwIfNoEntry: false })
    // A command was killed.
    if (stat !== undefined && stat.mtimeMs < Date.now() - HOUR) rmSync(join(folder, name), { force: true })
  }
  const path = join(folder, `art-index-${randomBytes(6).toString('hex')}`)
  try {
    return await work({ ...repo, environment: { ...repo.environment, GIT_INDEX_FILE: path } })
  } finally {
    rmSync(path, { force: true })
    rmSync(`${path}.lock`, { force: true })
  }
}
