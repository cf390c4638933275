import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError } from '@art/core'
import { isStagingName } from '@art/core/checkout/staging.ts'
import { isAtomicTemporary } from '@art/core/fs/atomic-write.ts'
import type { Repo } from '../open.ts'
import { ensurePrivateFolders } from '../trust/private-folders.ts'
import { isOwnerGone, noteOwner } from './owner.ts'

const DAY = 86_400_000

/**
 * Lets one command at a time write in a workspace. Comfort only: two writers would not harm each other's content, but one could
 * report what the other is about to change. What a killed command of this machine left behind is taken away at once, of others it counts
 * as stale after ten seconds.
 */
export async function withLock<T>(repo: Repo, work: () => Promise<T>): Promise<T> {
  const { default: lockfile } = await import('proper-lockfile')
  ensurePrivateFolders(repo)
  const retries = { retries: 40, factor: 1.2, minTimeout: 50, maxTimeout: 1000 }
  let release: () => Promise<void>
  const lock = join(repo.tmpDir, 'lock')
  const owner = join(repo.tmpDir, 'lock-owner')
  const wasKilled = breakDeadLock(lock, owner)
  try {
    release = await lockfile.lock(repo.tmpDir, {
      lockfilePath: lock,
      stale: 10_000,
      retries,
      onCompromised: () => undefined,
    })
  } catch (cause) {
    throw new ArtError('LOCKED', 'another art command is writing in this workspace', {
      path: repo.root,
      hint: 'Wait until it is done, then run the command again.',
      retryable: true,
      cause,
    })
  }
  try {
    settleIn(repo.tmpDir, owner, wasKilled ? Number.POSITIVE_INFINITY : Date.now() - DAY)
    return await work()
  } finally {
    rmSync(owner, { force: true })
    await release().catch(() => undefined)
  }
}

/** Takes away the lock of a process of this machine that is no more; tells whether there was one. */
function breakDeadLock(lock: string, owner: string): boolean {
  try {
    if (!isOwnerGone(owner)) return false
    rmSync(owner)
    rmdirSync(lock)
    return true
  } catch {
    // Nobody holds it, or somebody else has just done this.
    return false
  }
}

/** Notes whose the lock is, and deletes what killed commands had not completed. */
function settleIn(tmpDir: string, owner: string, before: number): void {
  try {
    for (const name of readdirSync(tmpDir)) {
      const path = join(tmpDir, name)
      const stat = lstatSync(path, { throwIfNoEntry: false })
      if (stat !== undefined && (isStagingName(name) || isAtomicTemporary(name)) && stat.mtimeMs < before)
        rmSync(path, { recursive: true, force: true })
    }
    noteOwner(owner)
  } catch {
    // A full disk, say: then it stays as it is until the next command.
  }
}
