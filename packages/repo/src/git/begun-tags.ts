import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPlainFile } from '@art/core/fs/plain-file.ts'
import type { Repo } from '../open.ts'

const MOST_BYTES = 1 << 20

/** Notes which tags are about to be made, for whoever repeats the command if it is killed: some of them may be there then, or all. */
export function noteBegunTags(repo: Repo, names: readonly string[]): void {
  try {
    writeFileSync(fileOf(repo), names.join('\n'))
  } catch {
    // A full disk, say: then the tags cannot be made either, or are not known again.
  }
}

export function forgetBegunTags(repo: Repo): void {
  rmSync(fileOf(repo), { force: true })
}

/** What a command that was killed had noted; commands of another kind leave it there. */
export function begunTags(repo: Repo): string[] {
  try {
    return readPlainFile(fileOf(repo), { max: MOST_BYTES }).toString('utf8').split('\n')
  } catch {
    return []
  }
}

function fileOf({ tmpDir }: Repo): string {
  return join(tmpDir, 'begun-tags')
}
