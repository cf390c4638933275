import type { Value } from '../model-file.ts'
import { type Budget, COST } from './budget.ts'
import { isContainer, isDict, isList, isObject } from './value.ts'

/** Bytes that a value takes, without what it holds. */
export function costOf(value: Value): number {
  if (isObject(value)) return COST.object
  if (isDict(value)) return COST.container + value.entries.length * COST.entry
  return isList(value) ? COST.container + value.items.length * COST.slot : 0
}

/**
 * Gives back to the budget what a tensor's arguments took: a tuple of tuples that nothing else refers to, and that is garbage once the
 * tensor is made. Without this a file's tensors would be paid for several times over.
 */
export class Waste {
  /** Of the machine: how many opcodes it has done. */
  step = 0
  readonly #budget: Budget
  #last: Value = null
  /** The step of the mark from which the last tuple was made: all that it holds is younger, or came from the memo. */
  #lastFrom = 0
  /** The last step at which a container got a second reference. */
  #sharedAt = -1

  constructor(budget: Budget) {
    this.#budget = budget
  }

  made(tuple: Value, from: number): void {
    this.#last = tuple
    this.#lastFrom = from
  }

  /** Returns the value, which from now on has more than one reference. */
  shared(value: Value): Value {
    if (isContainer(value)) this.#sharedAt = this.step
    return value
  }

  /** Nobody needs this tuple again, unless it is shared. */
  consumed(tuple: Value): void {
    if (tuple !== this.#last || this.#sharedAt >= this.#lastFrom || !isList(tuple)) return
    this.#last = null
    this.#budget.memory += costOf(tuple)
    for (const item of tuple.items) if (isContainer(item) && !isObject(item)) this.#budget.memory += costOf(item)
  }
}
