import { type MessagePort, parentPort } from 'node:worker_threads'
import { jobs, type JobName } from './jobs.ts'
import type { Reply } from './pool.ts'
import { toWire } from './wire.ts'

/** What a job may return under this key is moved to the other thread instead of being copied. */
type WithTransfer = { transfer?: ArrayBuffer[] } | undefined

parentPort?.on('message', (message: { id: number; job: JobName; input: never }) => void answer(parentPort!, message))

async function answer(
  port: MessagePort,
  { id, job, input }: { id: number; job: JobName; input: never },
): Promise<void> {
  try {
    const result = await jobs[job](input)
    port.postMessage({ id, result } satisfies Reply, (result as WithTransfer)?.transfer ?? [])
  } catch (error) {
    port.postMessage({ id, error: toWire(error) } satisfies Reply)
  }
}
