import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import type { Repo } from '../open.ts'
import { type CommittedFile, gitPrefix, writeBlob } from './publish.ts'
import { runGit } from './run.ts'

/** Makes the working tree and the index have files as a commit has them. */
export async function settleFiles(repo: Repo, files: readonly CommittedFile[]): Promise<void> {
  const lines: string[] = []
  for (const { path, text } of files) {
    const absolute = join(repo.root, path)
    const at = gitPrefix(repo) + path
    if (text === undefined) {
      rmSync(absolute, { force: true })
      lines.push(`0 ${'0'.repeat(40)}\t${at}\0`)
    } else {
      mkdirSync(dirname(absolute), { recursive: true })
      atomicWriteSync(absolute, text)
      lines.push(`100644 ${await writeBlob(repo, text)}\t${at}\0`)
    }
  }
  if (lines.length > 0) await runGit(repo, ['update-index', '-z', '--index-info'], { input: lines.join('') })
}
