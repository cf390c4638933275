import type { CallOptions } from '@art/core'
import type { Phase } from '@art/core/event.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import type { Tensor } from '../model-file.ts'
import { type Moments, NO_MOMENTS, type Statistics, statisticsOf, unite } from '../statistics/moments.ts'
import { runWith } from '../view/read.ts'
import type { CheckpointJobs } from '../worker/jobs.ts'
import { measureTensors, type PlacedTask } from './job.ts'
import { relieve } from '@art/core/relieve.ts'
import { createPlanner, type StorageTask, type Wanted } from './plan.ts'
import { shareTasks } from './share.ts'
import { type Measured, measure, type Task } from './task.ts'

export interface MeasureOptions extends CallOptions {
  /**
   * Where a file of the model lies on this machine: the model file itself for undefined, one beside it by the name in `Storage.place`. Undefined
   * where it does not: then the storage's source is read. The file must not change meanwhile: it is a cached object, or is looked at again.
   */
  readonly pathOf?: (file: string | undefined) => string | undefined
  /**
   * Waited for before the bytes from that place of a file on are read, for a file that somebody else is reading too: so that both read it from the
   * disk once. Tensors are then measured in their order.
   */
  readonly reached?: (path: string, offset: number) => Promise<void>
  /** Without one, this thread does the work. */
  readonly pool?: Pool<CheckpointJobs>
  /** The phase that progress is told in; without one it is not. */
  readonly phase?: Phase
}

export interface Measurement {
  /** 64 hex digits, of the payload: contiguous, row-major, little-endian. */
  readonly sha256?: string
  readonly statistics?: Statistics
}

/**
 * Hashes the payloads of tensors, computes their statistics, or both in one walk. Undefined for a tensor without data. Memory does not grow
 * with the tensors. Fails with `CORRUPT`, `UNSUPPORTED`, `CHANGED_WHILE_READ` for a file that is shorter by now, or as a source does.
 */
export async function measureAll(
  tensors: readonly Tensor[],
  wanted: Wanted,
  options: MeasureOptions = {},
): Promise<(Measurement | undefined)[]> {
  const planner = createPlanner(wanted)
  const { pathOf } = options
  const placed = pathOf === undefined ? options : { ...options, pathOf: askedOnce(pathOf) }
  const measurements: (Measurement | undefined)[] = []
  for (let from = 0; from < tensors.length; from += SLICE) {
    const slice = tensors.slice(from, from + SLICE)
    const measuredAs = slice.map((tensor, i) => planner.plan(tensor, tensor.name, from + i))
    const found = await measureTasks(planner.take(), wanted, placed)
    if (from % RELIEVED === 0) relieve(tensors.length)
    for (const place of measuredAs)
      measurements.push(place === undefined ? undefined : (found.get(place) ?? measurements[place]))
  }
  return measurements
}

/** In a cached folder each answer costs reading its tree. */
function askedOnce(pathOf: NonNullable<MeasureOptions['pathOf']>): NonNullable<MeasureOptions['pathOf']> {
  const paths = new Map<string | undefined, string | undefined>()
  return (file) => {
    if (!paths.has(file)) paths.set(file, pathOf(file))
    return paths.get(file)
  }
}

/** So many tensors are planned at once: what is planned for them is gone before it is old, and there are models of a hundred thousand. */
const SLICE = 2_000
const RELIEVED = 10 * SLICE

async function measureTasks(
  tasks: readonly StorageTask[],
  wanted: Wanted,
  options: MeasureOptions,
): Promise<Map<number, Measurement>> {
  const placed: PlacedTask[] = []
  const others: StorageTask[] = []
  for (const task of tasks) {
    const { place } = task.storage
    const path = place === undefined ? undefined : options.pathOf?.(place.file)
    if (path === undefined) others.push(task)
    else placed.push(withPlace(task, path))
  }
  const { pool, signal, onEvent, phase, reached } = options
  const walks = Number(wanted.sha256) + Number(wanted.statistics)
  const onDone = (done: readonly Task[]) => {
    const bytes = done.reduce((sum, { cost }) => sum + cost, 0) / walks
    if (phase !== undefined) onEvent?.({ type: 'progress', phase, bytes })
  }
  const results = await Promise.all([
    shareTasks(placed, {
      run: runOn(pool),
      width: widthOf(pool),
      signal,
      onDone,
      ...(reached === undefined ? {} : { ready: ([first]) => reached(first!.path, first!.origin + first!.view.start) }),
    }),
    measureSources(others, { signal, onEvent }, onDone),
  ])
  return unitePerTensor(results.flat())
}

const runOn = (pool: Pool<CheckpointJobs> | undefined) => (tasks: readonly PlacedTask[]) =>
  pool === undefined ? measureTensors({ tasks }) : pool.run('measureTensors', { tasks })

/** Two jobs for each thread: none waits for its next one. */
export function widthOf(pool: Pool<CheckpointJobs> | undefined): number {
  return pool === undefined ? 1 : 2 * pool.size
}

/** What a thread is sent: a source cannot be. */
function withPlace(task: StorageTask, path: string): PlacedTask {
  const { tensor, view, dtype, range, sha256, statistics, cost, storage } = task
  const placed = { tensor, view, dtype, sha256, statistics, cost, path, origin: storage.place!.offset }
  return range === undefined ? placed : { ...placed, range }
}

/** Results come in the order of the tasks, so those of a tensor's ranges from the first to the last. */
function unitePerTensor(results: readonly Measured[]): Map<number, Measurement> {
  const hashes = new Map<number, string>()
  const moments = new Map<number, Moments>()
  for (const { tensor, sha256, moments: some } of results) {
    if (sha256 !== undefined) hashes.set(tensor, sha256)
    if (some !== undefined) moments.set(tensor, unite(moments.get(tensor) ?? NO_MOMENTS, some))
  }
  const measurementOf = (tensor: number): Measurement => {
    const sha256 = hashes.get(tensor)
    const known = moments.get(tensor)
    return {
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(known === undefined ? {} : { statistics: statisticsOf(known) }),
    }
  }
  return new Map(results.map(({ tensor }) => [tensor, measurementOf(tensor)]))
}

async function measureSources(
  tasks: readonly StorageTask[],
  options: CallOptions,
  onDone: (tasks: readonly Task[]) => void,
): Promise<Measured[]> {
  const scratch = { bytes: new Uint8Array(0) }
  const results: Measured[] = []
  for (const task of tasks) {
    results.push(await runWith(measure(task, scratch), task.storage, options))
    onDone([task])
  }
  return results
}
