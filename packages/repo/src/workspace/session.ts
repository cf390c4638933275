import type { CallOptions } from '@art/core'
import { Cache } from '@art/core/cache/cache.ts'
import { takeProbe } from '@art/core/index/probe.ts'
import { createPool, defaultWorkers, type Pool } from '@art/core/worker/pool.ts'
import type { Repo } from '../open.ts'
import { ensurePrivateFolders } from '../trust/private-folders.ts'
import type { Jobs } from '../worker/jobs.ts'
import { FileIndex } from './file-index.ts'
import { fileIndexPath } from './index-path.ts'
import { isLittle, type Work } from './work.ts'

const loadJobs = async (): Promise<Jobs> => (await import('../worker/jobs.ts')).jobs

/** A copy is made by one thread, so two that are as fast are never behind it. */
const FOLLOWERS = 2

/** What a verb needs of this machine while it runs; each part is made when it is first asked for. */
export class Session {
  readonly repo: Repo
  readonly options: CallOptions
  #cache: Cache | undefined
  #files: FileIndex | undefined
  #inline: Promise<Pool<Jobs>> | undefined
  #threads: Promise<Pool<Jobs>> | undefined
  #followers: Promise<Pool<Jobs>> | undefined
  #trustedBefore: number | undefined

  constructor(repo: Repo, options: CallOptions = {}) {
    this.repo = repo
    this.options = options
    ensurePrivateFolders(repo)
  }

  get cache(): Cache {
    return (this.#cache ??= new Cache(this.repo.cacheDir))
  }

  get files(): FileIndex {
    return (this.#files ??= new FileIndex(fileIndexPath(this.repo)))
  }

  /** Worker threads; for little work this thread itself, since starting others would take longer. */
  pool = (work: Work): Promise<Pool<Jobs>> => {
    if (isLittle(work)) return (this.#inline ??= createPool(0, loadJobs))
    if (work.follows && this.#threads === undefined)
      return (this.#followers ??= createPool(Math.min(FOLLOWERS, defaultWorkers() - 1), loadJobs))
    return (this.#threads ??= createPool(defaultWorkers(), loadJobs))
  }

  get trustedBefore(): number {
    return (this.#trustedBefore ??= takeProbe(this.repo.tmpDir).trustedBefore)
  }

  /** For entries that this process has written: the time now, not at its start. */
  trustedNow(): number {
    return takeProbe(this.repo.tmpDir).trustedBefore
  }

  async close(): Promise<void> {
    for (const { message, path } of this.#cache?.damaged ?? [])
      this.options.onEvent?.({ type: 'warning', message, ...(path === undefined ? {} : { path }) })
    this.#cache?.close()
    await Promise.all([this.#threads, this.#followers].map(async (pool) => (await pool)?.close()))
  }
}

/** Runs a verb's work with a session that is closed afterwards. */
export async function withSession<T>(
  repo: Repo,
  options: CallOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = new Session(repo, options)
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}
