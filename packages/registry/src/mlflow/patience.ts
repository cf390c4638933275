import { ArtError, type CallOptions } from '@art/core'
import { type Backoff, pause, waitAfter } from '@art/core/backoff.ts'

/** How long one waits for a server, and how often one asks again. Times in milliseconds. */
export interface Patience extends Backoff {
  attempts: number
  /** Of these, for a server that is not there at all. */
  attemptsToConnect: number
  /** The longest wait that a server may ask for with `Retry-After`. */
  maxRetryAfter: number
  /** For an answer; for each piece of a file. */
  answer: number
  /** Bytes a second that a file must move at least, on the whole. */
  minRate: number
}

export const DEFAULT_PATIENCE: Patience = {
  attempts: 6,
  attemptsToConnect: 3,
  firstDelay: 400,
  maxDelay: 10_000,
  maxRetryAfter: 60_000,
  answer: 60_000,
  minRate: 10_000,
  delay: pause,
  random: Math.random,
}

/** What a retryable error says of when to come again, as its `cause`. */
export interface Again {
  /** Milliseconds that the server asked for. */
  after?: number
  /** Nothing was there that could have answered. */
  unreached?: true
}

/** From the third failure on a user who waits wants to know why. */
const WARN_FROM = 3

/** Makes a call until it succeeds, fails for good, or the attempts are used up. */
export async function patiently<T>(
  call: (attempt: number) => Promise<T>,
  patience: Patience,
  { signal, onEvent }: CallOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await call(attempt)
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof ArtError) || !error.retryable) throw error
      const { after = 0, unreached } = (error.cause ?? {}) as Again
      const attempts = unreached ? patience.attemptsToConnect : patience.attempts
      if (attempt >= attempts || after > patience.maxRetryAfter) throw exhausted(error, attempt, after)
      if (attempt >= WARN_FROM) {
        const message = `${error.message}; attempt ${attempt + 1} of ${attempts} follows`
        onEvent?.({ type: 'warning', message })
      }
      await patience.delay(Math.max(after, waitAfter(patience, attempt)), signal)
    }
  }
}

// Not retryable any more, so that attempts inside attempts do not multiply.
function exhausted(error: ArtError, attempts: number, after: number): ArtError {
  const times = attempts > 1 ? ` (${attempts} attempts)` : ''
  const wait = after > 0 ? `; it asks to come again in ${Math.ceil(after / 1000)} s` : ''
  return new ArtError(error.code, `${error.message}${times}${wait}`, {
    path: error.path,
    hint: error.hint,
    cause: error.cause,
  })
}
