import { join } from 'node:path'
import { ArtError } from '@art/core'
import { ensurePrivateFolders, type Repo } from '../open.ts'

/**
 * Lets one command at a time write in a workspace. Comfort only: two writers would not harm each other's content, but one could
 * report what the other is about to change. After a kill it takes some ten seconds until the lock counts as stale.
 */
export async function withLock<T>(repo: Repo, work: () => Promise<T>): Promise<T> {
  const { default: lockfile } = await import('proper-lockfile')
  ensurePrivateFolders(repo)
  const retries = { retries: 40, factor: 1.2, minTimeout: 50, maxTimeout: 1000 }
  let release: () => Promise<void>
  try {
    release = await lockfile.lock(repo.tmpDir, {
      lockfilePath: join(repo.tmpDir, 'lock'),
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
    return await work()
  } finally {
    await release().catch(() => undefined)
  }
}
