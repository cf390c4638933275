import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromSystemError } from '@art/core'
import { removeOldFolders } from '../workspace/old-folders.ts'

const PREFIX = 'export-'

/** Runs work with an empty folder that only the user can look into, and that is gone afterwards; so are those of commands that were killed long ago. */
export async function withWorkFolder<T>(staging: string | undefined, work: (folder: string) => Promise<T>): Promise<T> {
  const parent = staging ?? tmpdir()
  if (staging !== undefined) removeOldFolders(staging, PREFIX)
  let folder: string
  try {
    mkdirSync(parent, { recursive: true })
    folder = mkdtempSync(join(parent, PREFIX))
  } catch (error) {
    throw fromSystemError(error, parent)
  }
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
