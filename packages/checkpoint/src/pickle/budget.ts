import { ArtError } from '@art/core'
import { LIMITS, type Limits } from '../model-file.ts'

/** What a container costs, in values: so many empty ones take as much memory as that many numbers in a list. */
export const CONTAINER = 4

/** Text is decoded to at most two bytes a byte, beside the pickle itself. */
const TEXT_SHARE = 0.4

/**
 * What the pickles of one file may still make. Work that could be repeated on one value (copying, converting) is paid from it too, so that
 * both memory and time are bounded by it.
 */
export interface Budget {
  readonly limits: Limits
  values: number
  /** Bytes of text and of converted payloads. */
  text: number
}

export function newBudget(limits: Limits = LIMITS): Budget {
  return { limits, values: limits.values, text: limits.tableBytes * TEXT_SHARE }
}

/** Fails with `CORRUPT` once more was spent than there was. */
export function spend(budget: Budget, values: number, text = 0): void {
  budget.values -= values
  budget.text -= text
  if (budget.values < 0) throw new ArtError('CORRUPT', `a pickle makes more than ${budget.limits.values} values`)
  if (budget.text < 0) throw new ArtError('CORRUPT', 'a pickle holds more text than a model file can need')
}
