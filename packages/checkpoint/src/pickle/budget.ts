import { ArtError } from '@art/core'
import { LIMITS, type Limits } from '../model-file.ts'

/** What things take of memory in V8, in bytes and with what is noted of them while they are settled. */
export const COST = {
  /** A place on the stack, in a list or in the memo; arrays grow by half. */
  slot: 16,
  number: 16,
  /** And two for each byte that it is written as. */
  text: 48,
  /** A list, tuple, set or dict, and for each entry of a dict. */
  container: 150,
  entry: 72,
  /** The first item of an empty array makes room for 17. */
  growth: 140,
  object: 280,
  /** A name to import. */
  global: 160,
  /** An index of the memo that is not the next one. */
  sparse: 100,
} as const

/** All that is made of pickles, and the pickles themselves. */
const MEMORY_SHARE = 0.95

/**
 * What the pickles of one file may still make. Work that could be repeated on one value (copying, converting) is paid from it too, so that
 * both time and memory are bounded by it.
 */
export interface Budget {
  readonly limits: Limits
  /** Steps that leave something on the stack, and values looked at or copied. */
  values: number
  /** Bytes. */
  memory: number
}

export function newBudget(limits: Limits = LIMITS): Budget {
  return { limits, values: limits.values, memory: limits.tableBytes * MEMORY_SHARE }
}

/** Fails with `CORRUPT` once more was spent than there was. */
export function spend(budget: Budget, values: number, memory = 0): void {
  budget.values -= values
  budget.memory -= memory
  if (budget.values < 0) throw new ArtError('CORRUPT', `a pickle makes more than ${budget.limits.values} values`)
  if (budget.memory < 0) throw new ArtError('CORRUPT', 'a pickle makes more than a model file can need')
}

/** For text of so many bytes, however it is written. */
export function textCost(bytes: number): number {
  return COST.text + bytes * 2
}
