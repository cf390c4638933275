/** Bounds on every request, in milliseconds and bytes. */
export interface TimeLimits {
  /** Until a connection stands. */
  connect: number
  /** Without a byte moving. */
  idle: number
  /** From request to answer, besides what its bytes may take at `minRate`. */
  answer: number
  /** Bytes a second that a body may at worst crawl along at. */
  minRate: number
}

export const DEFAULT_TIME_LIMITS: TimeLimits = { connect: 10_000, idle: 30_000, answer: 60_000, minRate: 16 << 10 }

/** The overall bound on one request whose body, in either direction, has `bytes`. */
export function overallLimit(limits: TimeLimits, bytes: number): number {
  return limits.answer + Math.ceil((bytes / limits.minRate) * 1000)
}
