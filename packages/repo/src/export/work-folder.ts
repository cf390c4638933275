import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromSystemError } from '@art/core'

const PREFIX = 'export-'
const DAY = 86_400_000

/** Runs work with an empty folder that only the user can look into, and that is gone afterwards; so are those of commands that were killed long ago. */
export async function withWorkFolder<T>(staging: string | undefined, work: (folder: string) => Promise<T>): Promise<T> {
  const parent = staging ?? tmpdir()
  if (staging !== undefined) removeOld(staging)
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

function removeOld(staging: string): void {
  try {
    for (const name of readdirSync(staging)) {
      if (!/^export-[A-Za-z0-9]{6}$/.test(name)) continue
      const stat = lstatSync(join(staging, name))
      if (stat.isDirectory() && stat.mtimeMs < Date.now() - DAY) rmSync(join(staging, name), { recursive: true })
    }
  } catch {
    // Somebody else does it, or nobody may.
  }
}
