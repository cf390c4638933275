import { type MessagePort, parentPort } from 'node:worker_threads'
import type { JobTable, Reply } from './pool.ts'
import { toWire } from './wire.ts'

/** What a job may return under this key is moved to the other thread instead of being copied. */
type WithTransfer = { transfer?: ArrayBuffer[] } | undefined

interface Request {
  readonly id: number
  readonly job: string
  readonly input: never
}

/** Makes this worker thread do the jobs of that table, as the pool asks for them. */
export function serve(jobs: JobTable): void {
  parentPort?.on('message', (request: Request) => void answer(parentPort!, jobs, request))
}

async function answer(port: MessagePort, jobs: JobTable, { id, job, input }: Request): Promise<void> {
  try {
    const result = await jobs[job]!(input)
    port.postMessage({ id, result } satisfies Reply, (result as WithTransfer)?.transfer ?? [])
  } catch (error) {
    port.postMessage({ id, error: toWire(error) } satisfies Reply)
  }
}
