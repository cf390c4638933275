import { posix } from 'node:path'
import { parsePointer } from '@art/core/pointer/pointer.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { type Target, targetKey } from '@art/remote/transfer/target.ts'
import { readPointers } from '../git/blob.ts'
import { items, runGit } from '../git/run.ts'
import type { Repo } from '../open.ts'
import { findPointers } from '../target/find.ts'

type Relative = Pick<Target, 'kind' | 'oid' | 'size'>

/** Versions of one path that are looked at, and neighbours of it. */
const EARLIER = 8
const NEIGHBOURS = 4

/**
 * Contents that probably share chunks with a target, the likeliest first: earlier versions of its path in git's history, then files of
 * the same folder with the same ending and the longest common start of their names (`cnn_epoch_6.pth` for `cnn_epoch_7.pth`).
 */
export async function relativesOf(repo: Repo, target: Target): Promise<Relative[]> {
  const found = [...(await earlierVersions(repo, target.path)), ...(await neighbours(repo, target))]
  const distinct = new Map(found.map((relative) => [targetKey(relative), relative]))
  distinct.delete(targetKey(target))
  return [...distinct.values()]
}

async function earlierVersions(repo: Repo, path: string): Promise<Relative[]> {
  if (repo.gitRoot === undefined) return []
  const pointerPath = pointerPathFor(path)
  const answer = await runGit(
    repo,
    [
      'log',
      `--max-count=${EARLIER}`,
      '--format=',
      '--raw',
      '-z',
      '--no-abbrev',
      '--no-renames',
      '--relative',
      'HEAD',
      '--',
      `:(literal)${pointerPath}`,
    ],
    { codes: [0, 128] },
  )
  const blobs = items(answer).flatMap((part) =>
    part.startsWith(':') ? part.slice(1).split(' ').slice(2, 4).reverse() : [],
  )
  const versions = [...new Set(blobs)].filter((blob) => !/^0+$/.test(blob)).map((blob) => ({ path: pointerPath, blob }))
  const relatives: Relative[] = []
  for (const { text } of await readPointers(repo, versions)) {
    const pointer = await parsePointer(text, { path: pointerPath }).catch(() => undefined)
    if (pointer !== undefined) relatives.push({ kind: pointer.kind, oid: pointer.oid, size: pointer.size })
  }
  return relatives
}

async function neighbours(repo: Repo, { path, kind }: Target): Promise<Relative[]> {
  const folder = posix.dirname(path)
  const name = posix.basename(path)
  const { artifacts } = await findPointers(repo, folder === '.' ? '' : folder)
  return artifacts
    .filter((other) => other.path !== path && other.pointer.kind === kind && posix.dirname(other.path) === folder)
    .filter((other) => posix.extname(other.path) === posix.extname(path))
    .map((other) => ({ other, shared: commonStart(posix.basename(other.path), name) }))
    .sort((a, b) => b.shared - a.shared)
    .slice(0, NEIGHBOURS)
    .map(({ other: { pointer } }) => ({ kind: pointer.kind, oid: pointer.oid, size: pointer.size }))
}

function commonStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}
