import type { Value } from '../model-file.ts'
import { affords, type Budget, COST, spend } from './budget.ts'
import { corruptPickle } from './corrupt.ts'
import type { Entry } from './value.ts'

/**
 * The stack of a pickle machine. What lies below the last mark cannot be reached before the mark is taken away, as in Python's C unpickler:
 * https://github.com/python/cpython/blob/3.13/Modules/_pickle.c (`Pdata` and its `fence`).
 */
export class PickleStack {
  readonly #budget: Budget
  readonly #values: Value[] = []
  /** Places of the marks, and after each the step that set it. */
  readonly #marks: number[] = []
  #fence = 0
  #highest = 0
  /** The step that set the mark that was last taken away. */
  markedAt = 0

  constructor(budget: Budget) {
    this.#budget = budget
  }

  push(value: Value): void {
    this.#values.push(value)
    const isHigher = this.#values.length > this.#highest
    if (isHigher) this.#highest = this.#values.length
    spend(this.#budget, 1, isHigher ? COST.slot : 0)
  }

  pop(): Value {
    if (this.#values.length <= this.#fence) throw this.#underflow()
    return this.#values.pop()!
  }

  get top(): Value {
    if (this.#values.length <= this.#fence) throw this.#underflow()
    return this.#values.at(-1)!
  }

  mark(step: number): void {
    spend(this.#budget, 1, 2 * COST.slot)
    this.#fence = this.#values.length
    this.#marks.push(this.#fence, step)
  }

  /** What was pushed since the last mark, which is taken away with it. */
  popMark(): Value[] {
    const step = this.#marks.pop()
    const from = this.#marks.pop()
    if (step === undefined || from === undefined) throw corruptPickle('there is no mark')
    this.markedAt = step
    this.#fence = this.#marks.at(-2) ?? 0
    this.#budget.memory += 2 * COST.slot
    return this.#values.splice(from)
  }

  /** POP takes a mark away where it is on top. */
  discard(): void {
    if (this.#marks.length > 0 && this.#fence === this.#values.length) this.popMark()
    else this.pop()
  }

  #underflow(): Error {
    return corruptPickle(this.#marks.length > 0 ? 'a mark is where a value should be' : 'the stack is empty')
  }
}

/** Keys and values in turn, as SETITEMS and DICT find them. */
export function pairs(values: readonly Value[], budget: Budget): Entry[] {
  affords(budget, (values.length / 2) * COST.entry)
  if (values.length % 2 !== 0) throw corruptPickle('a key has no value')
  const entries: Entry[] = []
  for (let i = 0; i < values.length; i += 2) entries.push([values[i]!, values[i + 1]!])
  return entries
}
