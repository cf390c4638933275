import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Repo } from '../open.ts'

/** Where the index of a tracked directory is kept; of all single files there is one together. */
export function directoryIndexPath(repo: Repo, artifactPath: string): string {
  return join(repo.indexDir, `${createHash('sha256').update(artifactPath).digest('hex').slice(0, 32)}.dir`)
}

export function fileIndexPath(repo: Repo): string {
  return join(repo.indexDir, 'files')
}
