import { ArtError } from '@art/core'

/**
 * What one file may cost, all its pickles and archives together: one to two seconds and 150 MB. Beyond any of them scanning ends, and the
 * file is not `safe`.
 */
export const SCAN_LIMITS = {
  opcodes: 6_000_000,
  /** Bytes that are read; inflated ones count as many. */
  bytes: 384 << 20,
  members: 50_000,
  pickles: 15_000,
  /** Archives, compressed files and pickles within one another. */
  depth: 6,
  /** Different names, counted again at each place. */
  imports: 20_000,
} as const

type Counted = 'opcodes' | 'bytes' | 'members' | 'pickles'

/** What is left of the limits. */
export type Budget = Record<Counted, number>

export function newBudget(): Budget {
  const { opcodes, bytes, members, pickles } = SCAN_LIMITS
  return { opcodes, bytes, members, pickles }
}

/** Fails with `UNSUPPORTED` when nothing is left. */
export function spend(budget: Budget, what: Counted, count = 1): void {
  budget[what] -= count
  if (budget[what] < 0) throw limitReached(`more than ${SCAN_LIMITS[what]} ${what}`)
}

const HINT = 'Save it as safetensors, or in smaller files.'

export function limitReached(what: string): ArtError {
  return new ArtError('UNSUPPORTED', `scanning ends at ${what}`, { hint: HINT })
}

/** All of scanning ends at these; at other errors only the part that they are about. */
export function isLimit(error: unknown): boolean {
  return error instanceof ArtError && error.hint === HINT
}
