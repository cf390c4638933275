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

export interface Plan {
  readonly tasks: readonly StorageTask[]
  /** Tensor → the one whose results are its own: of tied weights each is measured once. Those without data have none. */
  readonly measuredAs: readonly (number | undefined)[]
}

/** Cuts the work into tasks. Fails as `viewOf` and `workGuard` do. */
export function planTasks(tensors: readonly Omit<Tensor, 'name'>[], names: readonly string[], wanted: Wanted): Plan {
  const tasks: StorageTask[] = []
  const known = new Map<string, number>()
  const guard = workGuard()
  const measuredAs = tensors.map((tensor, i) => {
    const identity = guard(tensor, names[i]!)
    const { storage, dtype } = tensor
    if (storage === undefined || identity === undefined) return undefined
    const same = known.get(identity)
    if (same !== undefined) return same
    known.set(identity, i)
    const view = viewOf(tensor, names[i]!)
    for (const task of tasksOf(i, view, dtype, wanted)) tasks.push({ ...task, storage, cost: costOf(task) })
    return i
  })
  return { tasks, measuredAs }
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
