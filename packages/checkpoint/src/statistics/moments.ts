/**
 * What is known of some numbers, so that it can be united with what is known of others. The sums are those of finite numbers; `max` and `min`
 * those of all but NaN. Survives structured cloning.
 */
export interface Moments {
  readonly finite: number
  /** Their sum is `sum + lost`: what each addition rounded away is kept (Neumaier 1974). */
  readonly sum: number
  readonly lost: number
  /** Sum of squared distances from the mean. */
  readonly squares: number
  readonly min: number
  readonly max: number
  readonly nan: number
  readonly infinite: number
}

export const NO_MOMENTS: Moments = {
  finite: 0,
  sum: 0,
  lost: 0,
  squares: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  nan: 0,
  infinite: 0,
}

/** What `--stats` shows of a tensor. The order in which parts are united is fixed, so the same tensor always gives the same numbers. */
export interface Statistics {
  /** Of the finite numbers; undefined where there is none. */
  readonly mean?: number
  /** Of the finite numbers, with n − 1 as torch's `std()` has it; undefined for fewer than two. */
  readonly std?: number
  /** Of all but NaN. */
  readonly min?: number
  readonly max?: number
  readonly nan: number
  readonly infinite: number
}

/** Chan, Golub, LeVeque 1979: exact whatever the means, where sums of squares would cancel. */
export function unite(a: Moments, b: Moments): Moments {
  const finite = a.finite + b.finite
  const between = a.finite > 0 && b.finite > 0 ? meanOf(b) - meanOf(a) : 0
  const sum = a.sum + b.sum
  return {
    finite,
    sum,
    lost: a.lost + b.lost + rounded(a.sum, b.sum, sum),
    squares: a.squares + b.squares + (finite > 0 ? between * between * a.finite * (b.finite / finite) : 0),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    nan: a.nan + b.nan,
    infinite: a.infinite + b.infinite,
  }
}

/** What `a + b` lost when it became `sum`. */
export function rounded(a: number, b: number, sum: number): number {
  if (!Number.isFinite(sum)) return 0
  return Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a
}

function meanOf({ sum, lost, finite }: Moments): number {
  return (sum + lost) / finite
}

export function statisticsOf(moments: Moments): Statistics {
  const { finite, squares, min, max, nan, infinite } = moments
  return {
    // Adding 0 makes a negative zero positive: which of the two came first should not matter.
    ...(finite > 0 ? { mean: meanOf(moments) + 0 } : {}),
    ...(finite > 1 ? { std: Math.sqrt(squares / (finite - 1)) } : {}),
    ...(min <= max ? { min: min + 0, max: max + 0 } : {}),
    nan,
    infinite,
  }
}
