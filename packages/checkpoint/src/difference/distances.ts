import type { CallOptions } from '@art/core'
import { relieve } from '@art/core/relieve.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { workGuard } from '../measure/guard.ts'
import { widthOf } from '../measure/measure.ts'
import { shareTasks } from '../measure/share.ts'
import type { Storage, Tensor } from '../model-file.ts'
import { viewOf } from '../view/view.ts'
import type { CheckpointJobs } from '../worker/jobs.ts'
import { comparePairs, type PlacedPair, type PlacedSide } from './job.ts'
import { type Distance, isComparable, measurePair, type Pair, pairSide } from './pair.ts'

/** As `MeasureOptions.pathOf`: where a file of the model lies on this machine. */
export type PathOf = (file: string | undefined) => string | undefined

type Guard = ReturnType<typeof workGuard>

export interface TensorPair {
  readonly name: string
  readonly before: Omit<Tensor, 'name'>
  readonly after: Omit<Tensor, 'name'>
}

export interface DistanceOptions extends CallOptions {
  readonly pathsBefore?: PathOf | undefined
  readonly pathsAfter?: PathOf | undefined
  readonly pool?: Pool<CheckpointJobs> | undefined
}

/**
 * How far the tensors of each pair, of one shape, are from each other; undefined where their dtypes have no numbers, or scales by
 * channels. Reads both at the same time and in bounded memory. Fails as sources and `workGuard` do.
 */
export async function distancesBetween(
  pairs: readonly TensorPair[],
  options: DistanceOptions,
): Promise<(Distance | undefined)[]> {
  const guards = [workGuard(), workGuard()] as const
  const results: (Distance | undefined)[] = []
  for (let from = 0; from < pairs.length; from += SLICE) {
    results.push(...(await distancesOfSlice(pairs.slice(from, from + SLICE), guards, options)))
    relieve(pairs.length)
  }
  return results
}

/** So many pairs are planned at once: what is planned for them is gone before it is old. */
const SLICE = 2_000

async function distancesOfSlice(
  pairs: readonly TensorPair[],
  guards: readonly [Guard, Guard],
  options: DistanceOptions,
): Promise<(Distance | undefined)[]> {
  const { pool, signal } = options
  const results = new Array<Distance | undefined>(pairs.length)
  const placed: (PlacedPair & { readonly place: number })[] = []
  for (const [place, { name, before, after }] of pairs.entries()) {
    guards[0](before, name)
    guards[1](after, name)
    const [from, to] = [before.storage, after.storage]
    if (from === undefined || to === undefined || !isComparable(before, after)) continue
    const pair: Pair = {
      before: pairSide(before, viewOf(before, name)),
      after: pairSide(after, viewOf(after, name)),
    }
    const sides = [
      placedSide(pair.before, from, options.pathsBefore),
      placedSide(pair.after, to, options.pathsAfter),
    ] as const
    if (sides[0] === undefined || sides[1] === undefined) results[place] = await fromSources(pair, from, to, options)
    else placed.push({ before: sides[0], after: sides[1], cost: before.bytes + after.bytes, place })
  }
  const run = (tasks: readonly PlacedPair[]) =>
    pool === undefined ? comparePairs({ pairs: tasks }) : pool.run('comparePairs', { pairs: tasks })
  const distances = await shareTasks(placed, { run, width: widthOf(pool), signal, onDone: () => undefined })
  for (const [i, { place }] of placed.entries()) results[place] = distances[i]
  return results
}

function placedSide(side: Pair['before'], { place }: Storage, pathOf: PathOf | undefined): PlacedSide | undefined {
  const path = place === undefined ? undefined : pathOf?.(place.file)
  return path === undefined ? undefined : { ...side, path, origin: place!.offset }
}

async function fromSources(pair: Pair, before: Storage, after: Storage, options: CallOptions): Promise<Distance> {
  const scratch = { before: { bytes: new Uint8Array(0) }, after: { bytes: new Uint8Array(0) } }
  const storages = { before, after }
  const { signal, onEvent } = options
  const reading = measurePair(pair, scratch)
  let step = reading.next()
  while (step.done !== true) {
    const { side, offset, length } = step.value
    const { source, offset: origin } = storages[side]
    step = reading.next(await source.read(origin + offset, length, { signal, onEvent }))
  }
  return step.value
}
