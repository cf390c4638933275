import { MAX_POINTER_BYTES } from '@art/core/pointer/pointer.ts'
import { PointerBudget } from '../target/pointer-budget.ts'
import { type GitContext, type GitOptions, runGit } from './run.ts'

/** A version of a pointer file in git. */
export interface GitPointer {
  /** Of the pointer file, relative to the repository's root, `/`-separated. */
  path: string
  /** Git's own name of the text. */
  blob: string
  text: string
}

/** Reads the texts of blobs. One that is too large for a pointer, or one too many of them, comes back empty, and so fails to parse. */
export async function readPointers<T extends { path: string; blob: string }>(
  repo: GitContext,
  found: readonly T[],
): Promise<(T & GitPointer)[]> {
  const wanted = [...new Set(found.map(({ blob }) => blob))]
  const sizes = await blobSizes(repo, wanted)
  const budget = new PointerBudget()
  const isReadable = (bytes: number | undefined): boolean =>
    bytes !== undefined && bytes <= MAX_POINTER_BYTES && budget.fits(bytes)
  const texts = await blobTexts(
    repo,
    wanted.filter((blob) => isReadable(sizes.get(blob))),
  )
  return found.map((entry) => ({ ...entry, text: texts.get(entry.blob) ?? '' }))
}

/** Bytes of each blob that exists. */
export async function blobSizes(repo: GitContext, blobs: readonly string[]): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  if (blobs.length === 0) return sizes
  const answer = await runGit(repo, ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], {
    input: blobs.map((blob) => `${blob}\n`).join(''),
  })
  for (const line of answer.stdout.toString('latin1').split('\n')) {
    const [blob, type, size] = line.split(' ')
    if (type === 'blob') sizes.set(blob!, Number(size))
  }
  return sizes
}

/** The texts of blobs, by their names. */
export async function blobTexts(repo: GitContext, blobs: readonly string[]): Promise<Map<string, string>> {
  const contents = await blobContents(repo, blobs)
  return new Map([...contents].map(([blob, bytes]) => [blob, bytes.toString('utf8')]))
}

/** The bytes of blobs that exist, all in memory: whoever asks knows their sizes. */
export async function blobContents(
  repo: GitContext,
  blobs: readonly string[],
  { signal }: Pick<GitOptions, 'signal'> = {},
): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  if (blobs.length === 0) return contents
  const input = blobs.map((blob) => `${blob}\n`).join('')
  const { stdout } = await runGit(repo, ['cat-file', '--batch'], { input, signal })
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf(10, at)
    const [blob, , size] = stdout.toString('latin1', at, end).split(' ')
    const length = size === undefined ? 0 : Number(size)
    if (size !== undefined) contents.set(blob!, stdout.subarray(end + 1, end + 1 + length))
    at = end + 1 + (size === undefined ? 0 : length + 1)
  }
  return contents
}
