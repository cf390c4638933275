import { setImmediate } from 'node:timers/promises'
import type { Pool } from '@art/core/worker/pool.ts'
import type { CheckpointJobs } from '../worker/jobs.ts'
import { measureTensors, type PlacedTask } from './job.ts'
import type { Measured } from './task.ts'

/** A job's worth of work: large enough that asking for it costs nothing beside, small enough to be shared. */
const JOB_COST = 16 << 20
const JOB_TASKS = 1000

export interface ShareOptions {
  /** Without one, this thread does the work. */
  readonly pool: Pool<CheckpointJobs> | undefined
  readonly signal: AbortSignal | undefined
  onDone(tasks: readonly PlacedTask[]): void
}

/** Does the tasks on all threads of the pool; results come in the order of the tasks. The first failure ends it. */
export async function shareTasks(tasks: readonly PlacedTask[], options: ShareOptions): Promise<Measured[]> {
  const { pool, signal, onDone } = options
  const order = new Map(tasks.map((task, i) => [task, i]))
  const results = new Array<Measured>(tasks.length)
  const queue = jobsOf(tasks)
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      signal?.throwIfAborted()
      // Without threads the work keeps this one busy: whoever wants to interrupt it must be heard between jobs.
      if (pool === undefined) await setImmediate()
      const measured =
        pool === undefined ? measureTensors({ tasks: job }) : await pool.run('measureTensors', { tasks: job })
      for (const [i, task] of job.entries()) results[order.get(task)!] = measured[i]!
      onDone(job)
    }
  }
  const workers = Array.from({ length: pool === undefined ? 1 : 2 * pool.size }, work)
  try {
    await Promise.all(workers)
  } finally {
    queue.length = 0
    await Promise.allSettled(workers)
  }
  return results
}

/** The largest first, so that no thread is left with one when the others are done; small ones together, in their order in the file. */
function jobsOf(tasks: readonly PlacedTask[]): PlacedTask[][] {
  const jobs = tasks
    .filter(({ cost }) => cost >= JOB_COST)
    .sort((a, b) => b.cost - a.cost)
    .map((task) => [task])
  let job: PlacedTask[] = []
  let room = 0
  for (const task of tasks) {
    if (task.cost >= JOB_COST) continue
    if (task.cost > room || job.length === 0 || job.length === JOB_TASKS) {
      job = []
      jobs.push(job)
      room = JOB_COST
    }
    job.push(task)
    room -= task.cost
  }
  return jobs
}
