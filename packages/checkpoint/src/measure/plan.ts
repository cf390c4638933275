import type { Storage, Tensor } from '../model-file.ts'
import { RANGE } from '../statistics/accumulate.ts'
import { elementsOf, type View, viewOf } from '../view/view.ts'
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
  const known = new Map<string, number>()
  const guard = workGuard()
  let tasks: StorageTask[] = []
  return {
    plan(tensor, name, place) {
      const identity = guard(tensor, name)
      const { storage, dtype } = tensor
      if (storage === undefined || identity === undefined) return undefined
      const same = known.get(identity)
      if (same !== undefined) return same
      known.set(identity, place)
      const view = viewOf(tensor, name)
      for (const task of tasksOf(place, view, dtype, wanted)) tasks.push({ ...task, storage, cost: costOf(task) })
      return place
    },
    take() {
      const taken = tasks
      tasks = []
      return taken
    },
  }
}

function* tasksOf(tensor: number, view: View, dtype: string, wanted: Wanted): Generator<Omit<Task, 'cost'>> {
  const elements = elementsOf(view)
  const whole = { tensor, view, dtype }
  // A hash goes from end to end, statistics need not: of a large tensor they are shared.
  if (!wanted.statistics || view.strides !== undefined || elements <= RANGE) {
    yield { ...whole, ...wanted }
    return
  }
  if (wanted.sha256) yield { ...whole, sha256: true, statistics: false }
  for (let from = 0; from < elements; from += RANGE) {
    yield { ...whole, range: { from, to: Math.min(from + RANGE, elements) }, sha256: false, statistics: true }
  }
}

function costOf({ view, range, sha256, statistics }: Omit<Task, 'cost'>): number {
  const elements = range === undefined ? elementsOf(view) : range.to - range.from
  return elements * view.elementBytes * (Number(sha256) + Number(statistics))
}
