import { createPool, defaultWorkers, type Pool } from '@art/core/worker/pool.ts'
import { loadConfig } from '../config/config.ts'
import { findRoot, openRepo, realFolder } from '../open.ts'
import type { LookOptions } from '../view-api.ts'
import type { Jobs } from '../worker/jobs.ts'
import { type Session, withSession } from '../workspace/session.ts'
import { isLittle } from '../workspace/work.ts'
import type { LookAtOptions } from './look.ts'
import { modelSettings } from './settings.ts'

/** Where models are named from: in a repository or not. */
export interface LookPlace extends LookAtOptions {
  cwd: string
}

/** Runs the work of a verb that looks at models, whether or not there is a repository around `cwd`. */
export async function withPlace<T>(options: LookOptions, work: (place: LookPlace) => Promise<T>): Promise<T> {
  const { environment = process.env, signal, onEvent } = options
  const cwd = realFolder(options.cwd)
  if (findRoot(cwd) === undefined) return await withoutRepository({ cwd, environment, signal, onEvent }, work)
  const repo = await openRepo({ cwd, environment })
  for (const message of repo.config.warnings) onEvent?.({ type: 'warning', message })
  return await withSession(repo, { signal, onEvent }, (session: Session) =>
    work({
      cwd,
      session,
      settings: modelSettings(repo.config),
      pool: (bytes) => session.pool({ files: 1, bytes }),
      signal,
      onEvent,
    }),
  )
}

async function withoutRepository<T>(
  { cwd, environment = process.env, signal, onEvent }: LookOptions,
  work: (place: LookPlace) => Promise<T>,
): Promise<T> {
  const config = await loadConfig({ cwd, environment })
  let made: Promise<Pool<Jobs>> | undefined
  const load = async (): Promise<Jobs> => (await import('../worker/jobs.ts')).jobs
  const pool = (bytes: number): Promise<Pool<Jobs>> =>
    (made ??= createPool(isLittle({ files: 1, bytes }) ? 0 : defaultWorkers(), load))
  try {
    return await work({ cwd, session: undefined, settings: modelSettings(config), pool, signal, onEvent })
  } finally {
    await (await made?.catch(() => undefined))?.close()
  }
}
