import { createHash, hash as hashOnce, type Hash } from 'node:crypto'
import { createAccumulator, type Workspace } from '../statistics/accumulate.ts'
import type { Moments } from '../statistics/moments.ts'
import { numbersOf } from '../statistics/numbers.ts'
import { boxesOfView, readBox, type Reading, type Scratch } from '../view/read.ts'
import { elementsOf, type View } from '../view/view.ts'

/** One walk over a tensor, or over a range of it. Survives structured cloning. */
export interface Task {
  /** What its results are asked for by. */
  readonly tensor: number
  readonly view: View
  readonly dtype: string
  /** Of a contiguous view, elements `from` to `to` only. */
  readonly range?: { readonly from: number; readonly to: number }
  readonly sha256: boolean
  readonly statistics: boolean
  /** How much there is to do, in bytes that one hash or one statistics takes. */
  readonly cost: number
}

export interface Measured {
  readonly tensor: number
  /** Of the whole payload; the task had no range. */
  readonly sha256?: string
  /** Undefined where the dtype has no statistics. */
  readonly moments?: Moments
}

/** Asks for ranges of the storage, and is driven by whoever has the bytes. */
export function* measure(task: Task, scratch: Scratch & Workspace): Reading<Measured> {
  const { tensor, view, range } = task
  const numbers = task.statistics ? numbersOf(task.dtype) : undefined
  const elements = range === undefined ? elementsOf(view) : range.to - range.from
  const accumulator = numbers === undefined ? undefined : createAccumulator(numbers, elements, scratch)
  let hash: Hash | undefined
  let sha256: string | undefined
  for (const box of boxesOfView(view, range)) {
    const bytes = yield* readBox(view, box, scratch)
    accumulator?.take(bytes)
    if (!task.sha256) continue
    // Most tensors are small, and a hash in one call costs half of one in three.
    if (box.elements === elements) sha256 = hashOnce('sha256', bytes, 'hex')
    else (hash ??= createHash('sha256')).update(bytes)
  }
  if (task.sha256) sha256 ??= hash?.digest('hex') ?? hashOnce('sha256', new Uint8Array(0), 'hex')
  return {
    tensor,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(accumulator === undefined ? {} : { moments: accumulator.finish() }),
  }
}
