import { accessSync, constants, linkSync, lstatSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import { temporaryIndexOf } from '@art/core/index/store.ts'
import { isStagingName } from '@art/core/checkout/staging.ts'
import { isAtomicTemporary } from '@art/core/fs/atomic-write.ts'
import type { Repo } from '../open.ts'
import { ensurePrivateFolders } from '../trust/private-folders.ts'
import { isOwnerGone, isRunning, noteOwner } from './owner.ts'

const DAY = 86_400_000

/**
 * Lets one command at a time write in a workspace. Comfort only: two writers would not harm each other's content, but one could
 * report what the other is about to change. What a killed command of this machine left behind is taken away at once, of others it counts
 * as stale after ten seconds. Fails with `LOCKED`, and with `PERMISSION` where nothing can be written.
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
    // Or it would be waited for as for another command.
    accessSync(repo.tmpDir, constants.W_OK)
    release = await lockfile.lock(repo.tmpDir, {
      lockfilePath: lock,
      stale: 10_000,
      retries,
      onCompromised: () => undefined,
    })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ELOCKED') throw fromSystemError(cause, repo.tmpDir)
    throw new ArtError('LOCKED', 'another art command is writing in this workspace', {
      path: repo.root,
      hint: 'Wait until it is done, then run the command again.',
      retryable: true,
      cause,
    })
  }
  try {
    settleIn(repo, owner, wasKilled ? Number.POSITIVE_INFINITY : Date.now() - DAY)
    return await work()
  } finally {
    rmSync(owner, { force: true })
    await release().catch(() => undefined)
  }
}

/** Takes away the lock of a process of this machine that is no more; tells whether there was one. */
function breakDeadLock(lock: string, owner: string): boolean {
  const mine = `${owner}.${process.pid}`
  try {
    if (!isOwnerGone(owner)) return false
    // Of several that find it only one takes it away; meanwhile it may have become somebody else's.
    renameSync(owner, mine)
    if (!isOwnerGone(mine)) {
      linkSync(mine, owner)
      return false
    }
    rmdirSync(lock)
    return true
  } catch {
    // Nobody holds it, or somebody else has just done this.
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Notes whose the lock is, and deletes what killed commands had not completed. */
function settleIn({ tmpDir, indexDir }: Repo, owner: string, before: number): void {
  try {
    removeOlder(tmpDir, before, (name) => isStagingName(name) || isAtomicTemporary(name))
    // Commands that only look save what they have seen without the lock.
    removeOlder(indexDir, before, (name) => {
      const pid = temporaryIndexOf(name)
      return pid !== undefined && !isRunning(pid)
    })
    noteOwner(owner)
  } catch {
    // A full disk, say: then it stays as it is until the next command.
  }
}

function removeOlder(folder: string, before: number, isWanted: (name: string) => boolean): void {
  for (const name of readdirSync(folder)) {
    if (!isWanted(name)) continue
    const path = join(folder, name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat !== undefined && stat.mtimeMs < before) rmSync(path, { recursive: true, force: true })
  }
}
