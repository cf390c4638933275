import { later } from '@art/core/worker/later.ts'

/** What this package asks of a pool beside what core does. */
export const jobs = {
  measureTensors: later(() => import('../measure/job.ts'), 'measureTensors'),
  comparePairs: later(() => import('../difference/job.ts'), 'comparePairs'),
}

export type CheckpointJobs = typeof jobs
