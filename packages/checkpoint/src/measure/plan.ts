import type { Storage, Tensor } from '../model-file.ts'
import { RANGE } from '../statistics/accumulate.ts'
import { elementsOf, viewOf } from '../view/view.ts'
import { workGuard } from './guard.ts'
import type { Task } from './task.ts'

/** What is wanted of each tensor. */
export interface Wanted {
  readonly sha256: boolean
  readonly statistics: boolean
}

/** Work on one storage. */
export interface StorageTask extends Task {
  readonly storage: Storage
}

/** Cuts the work on one tensor after another into tasks. */
export interface Planner {
  /**
   * The tensor whose results are also its own, which is itself but for tied weights: each is measured once. Undefined for one without data. Fails
   * as `viewOf` and `workGuard` do.
   */
  plan(tensor: Omit<Tensor, 'name'>, name: string, place: number): number | undefined
  /** The tasks since the last call. */
  take(): StorageTask[]
}

export function createPlanner(wanted: Wanted): Planner {
  const places: number[] = []
  const guard = workGuard()
  let tasks: StorageTask[] = []
  return {
    plan(tensor, name, place) {
      const identity = guard(tensor, name)
      const { storage, dtype } = tensor
      if (storage === undefined || identity === undefined) return undefined
      const same = places[identity]
      if (same !== undefined) return same
      places[identity] = place
      const view = viewOf(tensor, name)
      addTasks(tasks, { tensor: place, view, dtype, storage }, wanted)
      return place
    },
    take() {
      const taken = tasks
      tasks = []
      return taken
    },
  }
}

/** One object for each, and no more: a file can have a hundred thousand tensors of a few bytes. */
function addTasks(
  tasks: StorageTask[],
  { tensor, view, dtype, storage }: Pick<StorageTask, 'tensor' | 'view' | 'dtype' | 'storage'>,
  { sha256, statistics }: Wanted,
): void {
  const elements = elementsOf(view)
  const { elementBytes } = view
  const bytes = elements * elementBytes
  // A hash goes from end to end, statistics need not: of a large tensor they are shared.
  if (!statistics || view.strides !== undefined || elements <= RANGE) {
    const cost = bytes * (Number(sha256) + Number(statistics))
    tasks.push({ tensor, view, dtype, storage, sha256, statistics, cost })
    return
  }
  if (sha256) tasks.push({ tensor, view, dtype, storage, sha256: true, statistics: false, cost: bytes })
  for (let from = 0; from < elements; from += RANGE) {
    const range = { from, to: Math.min(from + RANGE, elements) }
    const cost = (range.to - from) * elementBytes
    tasks.push({ tensor, view, dtype, storage, range, sha256: false, statistics: true, cost })
  }
}
