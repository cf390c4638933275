import type { Repo } from '../open.ts'
import { blobContents } from './blob.ts'
import { gitPrefix } from './line.ts'
import { type GitContext, runGit } from './run.ts'

/** A file of a commit, by its path from the repository's root. */
export interface FileAt {
  commit: string
  path: string
}

export interface FilesAtOptions {
  /** Larger files are passed over, as are those for which no room is left. */
  maxBytes?: number
  totalBytes?: number
  signal?: AbortSignal | undefined
}

const MAX_BYTES = 1 << 20
const TOTAL_BYTES = 256 << 20

/**
 * The texts of files of commits, in the order in which they were asked for; undefined where a commit has no such file. Two git processes for any
 * number of files, each content read once.
 */
export async function filesAt(
  repo: Repo,
  wanted: readonly FileAt[],
  options: FilesAtOptions = {},
): Promise<(string | undefined)[]> {
  const prefix = gitPrefix(repo)
  return await textsOfObjects(
    repo,
    wanted.map(({ commit, path }) => `${commit}:${prefix}${path}`),
    options,
  )
}

/** The same of objects by any name that git knows them by: of many files of one folder their hashes, since git reads a whole tree for each path in it. */
export async function textsOfObjects(
  repo: GitContext,
  wanted: readonly string[],
  { maxBytes = MAX_BYTES, totalBytes = TOTAL_BYTES, signal }: FilesAtOptions = {},
): Promise<(string | undefined)[]> {
  const names = [...new Set(wanted.filter((name) => !/[\n\0]/.test(name)))]
  if (names.length === 0) return wanted.map(() => undefined)
  const check = await runGit(repo, ['cat-file', '--batch-check=%(objecttype) %(objectsize) %(objectname)'], {
    input: `${names.join('\n')}\n`,
    signal,
  })
  const blobs = new Map<string, string>()
  const read = new Set<string>()
  let room = totalBytes
  for (const [at, line] of check.stdout.toString('utf8').split('\n').slice(0, names.length).entries()) {
    const [, size, blob] = /^blob ([0-9]+) ([0-9a-f]{40,64})$/.exec(line) ?? []
    if (blob === undefined || Number(size) > maxBytes) continue
    if (!read.has(blob)) {
      if (Number(size) > room) continue
      room -= Number(size)
      read.add(blob)
    }
    blobs.set(names[at]!, blob)
  }
  const contents = await blobContents(repo, [...read], { signal })
  const texts = new Map([...contents].map(([blob, bytes]) => [blob, textOf(bytes)]))
  return wanted.map((name) => {
    const blob = blobs.get(name)
    return blob === undefined ? undefined : texts.get(blob)
  })
}

/** What is no text in UTF-8 is left out. */
function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8')
  return !text.includes('\ufffd') || Buffer.from(text).equals(bytes) ? text : undefined
}
