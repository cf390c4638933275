/** A figure as pointers have it: `nan`, `inf` and `-inf` are texts. */
export type BumpFigure = number | string

/** How the metric that counts has moved. */
export interface Gain {
  name: string
  before: number
  after: number
  /** By how much it is better, negative where it is worse: see `gainOf`. */
  gain: number
  /** The gain is a part of the old value, not a difference. */
  relative: boolean
}

/**
 * Of metrics between 0 and 1, as accuracies are, the difference counts; of others, as perplexities and percentages, the part of the old value: 0.05 is
 * five points of the former and five percent of the latter. Undefined where one of the two is no finite number.
 */
export function gainOf(
  name: string,
  before: BumpFigure | undefined,
  after: BumpFigure | undefined,
  direction: 'highest' | 'lowest',
): Gain | undefined {
  if (typeof before !== 'number' || typeof after !== 'number') return undefined
  if (!Number.isFinite(before) || !Number.isFinite(after)) return undefined
  const better = direction === 'highest' ? after - before : before - after
  const relative = !isShare(before) || !isShare(after)
  const base = Math.abs(before)
  // From zero no part can be told: any step is as large as can be.
  const gain = !relative ? better : base === 0 ? Math.sign(better) : better / base
  return { name, before, after, gain, relative }
}

/** Is it as much as that? 0.9 to 0.95 is 0.05, whatever binary fractions make of it. */
export function reaches({ gain }: Gain, wanted: number): boolean {
  return gain > 0 && gain >= wanted - 1e-9
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1
}
