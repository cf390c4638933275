import { setImmediate } from 'node:timers/promises'

/** A job's worth of work: large enough that asking for it costs nothing beside, small enough to be shared. */
const JOB_COST = 16 << 20
const JOB_TASKS = 1000

export interface Costed {
  /** In bytes that one hash or one statistics takes. */
  readonly cost: number
}

export interface ShareOptions<T, R> {
  /** Does a job's tasks; results in their order. On threads, or in this one. */
  run(tasks: readonly T[]): Promise<R[]> | R[]
  /** How many jobs are under way at a time. */
  readonly width: number
  readonly signal: AbortSignal | undefined
  /** Waited for before each job; the jobs are then in the order of the tasks. */
  ready?(tasks: readonly T[]): Promise<void>
  onDone(tasks: readonly T[]): void
}

/** Does the tasks, grouped into jobs by their cost; results come in the order of the tasks. The first failure ends it. */
export async function shareTasks<T extends Costed, R>(tasks: readonly T[], options: ShareOptions<T, R>): Promise<R[]> {
  const { run, width, signal, onDone } = options
  const order = new Map(tasks.map((task, i) => [task, i]))
  const results = new Array<R>(tasks.length)
  const queue = options.ready === undefined ? largestFirst(tasks) : inOrder(tasks)
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      signal?.throwIfAborted()
      // Work in this thread keeps it busy: whoever wants to interrupt it must be heard between jobs.
      await setImmediate()
      await options.ready?.(job)
      signal?.throwIfAborted()
      const done = await run(job)
      for (const [i, task] of job.entries()) results[order.get(task)!] = done[i]!
      onDone(job)
    }
  }
  const workers = Array.from({ length: width }, work)
  try {
    await Promise.all(workers)
  } finally {
    queue.length = 0
    await Promise.allSettled(workers)
  }
  return results
}

/** So that no thread is left with a large one when the others are done; small ones together, in their order in the file. */
function largestFirst<T extends Costed>(tasks: readonly T[]): T[][] {
  const large = tasks.filter(isLarge).sort((a, b) => b.cost - a.cost)
  return [...large.map((task) => [task]), ...inOrder(tasks.filter((task) => !isLarge(task)))]
}

function isLarge({ cost }: Costed): boolean {
  return cost >= JOB_COST
}

function inOrder<T extends Costed>(tasks: readonly T[]): T[][] {
  const jobs: T[][] = []
  let job: T[] = []
  let room = 0
  for (const task of tasks) {
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
