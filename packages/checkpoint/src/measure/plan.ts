import { ArtError } from '@art/core'
import type { Storage, Tensor } from '../model-file.ts'
import { RANGE } from '../statistics/accumulate.ts'
import { elementsOf, type View, viewOf } from '../view/view.ts'
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

/** Payloads may be this many bytes more than twice the storages: a few bytes of a file can name any number of large views of one storage. */
const SPARE_BYTES = 256 << 20

/** Cuts the work into tasks. Fails as `viewOf` does, and with `CORRUPT` where views of few bytes would take very long. */
export function planTasks(tensors: readonly Omit<Tensor, 'name'>[], names: readonly string[], wanted: Wanted): Plan {
  const tasks: StorageTask[] = []
  const known = new Map<string, number>()
  const storages = new Map<Storage, number>()
  let stored = 0
  let payload = 0
  const measuredAs = tensors.map((tensor, i) => {
    const { storage, dtype } = tensor
    if (storage === undefined) return undefined
    const number = storages.get(storage) ?? storages.size
    if (number === storages.size) stored += storage.length
    storages.set(storage, number)
    const view = viewOf(tensor, names[i]!)
    const identity = JSON.stringify([number, dtype, view])
    const same = known.get(identity)
    if (same !== undefined) return same
    known.set(identity, i)
    payload += tensor.bytes
    if (payload > 2 * stored + SPARE_BYTES) throw tooMuch(names[i]!, payload, stored)
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

function tooMuch(path: string, payload: number, stored: number): ArtError {
  return new ArtError('CORRUPT', `its tensors so far are ${payload} bytes long, and what they are views of ${stored}`, {
    path,
    hint: 'Save the model again after `tensor.clone()` of expanded and overlapping tensors.',
  })
}
