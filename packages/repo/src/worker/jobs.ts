import { jobs as checkpointJobs } from '@art/checkpoint/worker/jobs.ts'
import { jobs as coreJobs } from '@art/core/worker/jobs.ts'

/** Everything that a worker thread of art can be asked to do. */
export const jobs = { ...coreJobs, ...checkpointJobs }

export type Jobs = typeof jobs
