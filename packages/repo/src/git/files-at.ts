import { gitPrefix } from './publish.ts'
import type { Repo } from '../open.ts'
import { runGit } from './run.ts'

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
  { maxBytes = MAX_BYTES, totalBytes = TOTAL_BYTES, signal }: FilesAtOptions = {},
): Promise<(string | undefined)[]> {
  const askable = wanted.filter(({ path }) => !/[\n\0]/.test(path))
  if (askable.length === 0) return wanted.map(() => undefined)
  const name = ({ commit, path }: FileAt): string => `${commit}:${gitPrefix(repo)}${path}`
  const names = [...new Set(askable.map(name))]
  const check = await runGit(repo, ['cat-file', '--batch-check=%(objecttype) %(objectsize) %(objectname)'], {
    input: `${names.join('\n')}\n`,
    signal,
  })
  const blobs = new Map<string, string>()
  const sizes = new Map<string, number>()
  let room = totalBytes
  for (const [at, line] of check.stdout.toString('utf8').split('\n').slice(0, names.length).entries()) {
    const [, size, blob] = /^blob ([0-9]+) ([0-9a-f]{40,64})$/.exec(line) ?? []
    if (blob === undefined || Number(size) > maxBytes) continue
    if (!sizes.has(blob) && Number(size) > room) continue
    if (!sizes.has(blob)) room -= Number(size)
    sizes.set(blob, Number(size))
    blobs.set(names[at]!, blob)
  }
  const texts = await blobTexts(repo, sizes, signal)
  return wanted.map((file) => {
    const blob = blobs.get(name(file))
    return blob === undefined ? undefined : texts.get(blob)
  })
}

/** What is no text in UTF-8 is left out. */
async function blobTexts(
  repo: Repo,
  sizes: ReadonlyMap<string, number>,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  if (sizes.size === 0) return texts
  const { stdout } = await runGit(repo, ['cat-file', '--batch'], {
    input: [...sizes.keys()].map((blob) => `${blob}\n`).join(''),
    signal,
  })
  let at = 0
  for (const [blob, size] of sizes) {
    const start = stdout.indexOf(10, at) + 1
    const bytes = stdout.subarray(start, start + size)
    const text = bytes.toString('utf8')
    if (!text.includes('\ufffd') || Buffer.from(text).equals(bytes)) texts.set(blob, text)
    at = start + size + 1
  }
  return texts
}
