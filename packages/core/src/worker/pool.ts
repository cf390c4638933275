import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { ArtError } from '../error.ts'
import type { CoreJobs } from './jobs.ts'
import { fromWire, type WireError } from './wire.ts'

/** What a worker thread can be asked to do, by name. Inputs and outputs survive structured cloning. */
export type JobTable = Readonly<Record<string, (input: never) => unknown>>
export type JobName<T extends JobTable> = keyof T & string
export type JobInput<T extends JobTable, K extends keyof T> = Parameters<T[K]>[0]
export type JobOutput<T extends JobTable, K extends keyof T> = Awaited<ReturnType<T[K]>>

/** Runs jobs on one worker, one after another. What is in `transfer` is moved to it instead of being copied. */
export interface Runner<T extends JobTable = CoreJobs> {
  run<K extends JobName<T>>(job: K, input: JobInput<T, K>, transfer?: ArrayBuffer[]): Promise<JobOutput<T, K>>
}

/** Runs jobs on worker threads, or in this thread where there are too few to be worth starting one; `run` on whichever is free first. */
export interface Pool<T extends JobTable = CoreJobs> extends Runner<T> {
  readonly size: number
  /** One of the workers, in turn: for jobs that go on where an earlier one ended. */
  pick(): Runner<T>
  /** Once on every worker: to open and close what the workers hold. */
  each<K extends JobName<T>>(job: K, input: JobInput<T, K>): Promise<JobOutput<T, K>[]>
  close(): Promise<void>
}

export interface Reply {
  id: number
  result?: unknown
  error?: WireError
}

/** Two threads use two cores; beyond eight, one disk and one folder lock are the limit. */
export function defaultWorkers(): number {
  return Math.min(8, Math.max(2, availableParallelism()))
}

const coreJobs = async (): Promise<CoreJobs> => (await import('./jobs.ts')).jobs

/**
 * `size` 0: in this thread. Sources cannot be loaded by worker threads, so they always run in this thread. Packages above core have jobs of
 * their own: whoever knows them all passes `load`, and the build's one worker serves the same table.
 */
export async function createPool(size: number): Promise<Pool>
export async function createPool<T extends JobTable>(size: number, load: () => Promise<T>): Promise<Pool<T>>
export async function createPool(size: number, load: () => Promise<JobTable> = coreJobs): Promise<Pool<JobTable>> {
  if (size === 0 || import.meta.url.endsWith('.ts')) return new InlinePool(await load())
  const { Worker } = await import('node:worker_threads')
  const url = new URL('./worker.js', import.meta.url)
  return new ThreadPool<JobTable>(Array.from({ length: size }, () => new Worker(url)))
}

class InlinePool<T extends JobTable> implements Pool<T> {
  readonly size = 1
  readonly #jobs: T

  constructor(jobs: T) {
    this.#jobs = jobs
  }

  async run<K extends JobName<T>>(job: K, input: JobInput<T, K>): Promise<JobOutput<T, K>> {
    return (await this.#jobs[job]!(input)) as JobOutput<T, K>
  }

  pick(): Runner<T> {
    return this
  }

  async each<K extends JobName<T>>(job: K, input: JobInput<T, K>): Promise<JobOutput<T, K>[]> {
    return [await this.run(job, input)]
  }

  async close(): Promise<void> {}
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** Jobs on worker threads. A thread that dies fails what it was asked to do, and whatever it is asked later. */
export class ThreadPool<T extends JobTable = CoreJobs> implements Pool<T> {
  readonly size: number
  readonly #workers: Worker[]
  readonly #load: number[]
  readonly #waiting = new Map<number, Waiting & { worker: number }>()
  /** Why a worker is no more. */
  readonly #gone: (Error | undefined)[] = []
  #next = 0
  #picked = 0

  constructor(workers: Worker[]) {
    this.#workers = workers
    this.size = workers.length
    this.#load = workers.map(() => 0)
    for (const [index, worker] of workers.entries()) {
      worker.on('message', (reply: Reply) => this.#settle(reply))
      worker.on('error', (error) => this.#fail(index, error))
      worker.on('exit', () => this.#fail(index, new ArtError('INTERNAL', 'a worker thread has ended')))
      worker.unref()
    }
  }

  run<K extends JobName<T>>(job: K, input: JobInput<T, K>, transfer?: ArrayBuffer[]): Promise<JobOutput<T, K>> {
    let free = 0
    for (let i = 1; i < this.size; i++) if (this.#load[i]! < this.#load[free]!) free = i
    return this.#send(free, job, input, transfer)
  }

  pick(): Runner<T> {
    const index = this.#picked++ % this.size
    return { run: (job, input, transfer) => this.#send(index, job, input, transfer) }
  }

  each<K extends JobName<T>>(job: K, input: JobInput<T, K>): Promise<JobOutput<T, K>[]> {
    return Promise.all(this.#workers.map((_, i) => this.#send(i, job, input)))
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #send<K extends JobName<T>>(
    index: number,
    job: K,
    input: JobInput<T, K>,
    transfer?: ArrayBuffer[],
  ): Promise<JobOutput<T, K>> {
    const id = this.#next++
    const worker = this.#workers[index]!
    this.#load[index]!++
    worker.ref()
    const reply = new Promise<unknown>((resolve, reject) => {
      const gone = this.#gone[index]
      if (gone !== undefined) return reject(gone)
      this.#waiting.set(id, { resolve, reject, worker: index })
      worker.postMessage({ id, job, input }, transfer ?? [])
    })
    // Whoever closes the pool no longer waits for it.
    reply.catch(() => undefined)
    return reply as Promise<JobOutput<T, K>>
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)
    if (waiting === undefined) return
    this.#waiting.delete(reply.id)
    if (--this.#load[waiting.worker]! === 0) this.#workers[waiting.worker]!.unref()
    if (reply.error === undefined) waiting.resolve(reply.result)
    else waiting.reject(fromWire(reply.error))
  }

  #fail(index: number, error: Error): void {
    this.#gone[index] ??= error
    for (const [id, waiting] of this.#waiting) {
      if (waiting.worker !== index) continue
      this.#waiting.delete(id)
      waiting.reject(error)
    }
  }
}
