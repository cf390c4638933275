/** A time after which git is no longer waited for. */
export interface Patience {
  /** Ends it, then or with the caller's. */
  signal: AbortSignal
  /** Why git failed: `late()` where the time is up, else `error`. Throws where it was the caller who ended it. */
  reason(error: unknown, late: () => unknown): unknown
}

/** So long from now, or until the caller's `signal`. */
export function patience(milliseconds: number, signal: AbortSignal | undefined): Patience {
  const limit = AbortSignal.timeout(milliseconds)
  return {
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    reason(error, late) {
      signal?.throwIfAborted()
      return limit.aborted ? late() : error
    },
  }
}
