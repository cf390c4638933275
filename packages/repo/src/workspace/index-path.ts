import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Repo } from '../open.ts'

const LONGEST = 200

/** Where the index of a tracked directory is kept; of all single files there is one together. */
export function directoryIndexPath(repo: Repo, artifactPath: string): string {
  // Hashing only what is too long: a short `status` need not load node:crypto.
  const name = encodeURIComponent(artifactPath)
  const short = name.length <= LONGEST ? name : createHash('sha256').update(artifactPath).digest('hex')
  return join(repo.indexDir, `${short}.dir`)
}

export function fileIndexPath(repo: Repo): string {
  return join(repo.indexDir, 'files')
}
