import type { ArtError } from '@art/core'
import { tooSlow } from './failure.ts'
import type { MlflowServer } from './server.ts'

/** Node's timers take no more. */
const LONGEST = 2 ** 31 - 1

/** Ends a request that moves nothing for too long, or takes too long on the whole. */
export class Watch {
  readonly signal: AbortSignal
  /** Why it was ended. */
  reason: ArtError | undefined
  readonly #abort = new AbortController()
  readonly #idle: NodeJS.Timeout
  readonly #overall: NodeJS.Timeout
  /** Of what is waited for now. A promise of the whole request would keep every piece that was ever raced against it. */
  readonly #waiting = new Set<(error: ArtError) => void>()

  constructor(server: MlflowServer, idle: number, signal: AbortSignal | undefined, limit = idle) {
    const expire = (milliseconds: number): void => {
      this.reason = tooSlow(server, milliseconds)
      for (const reject of this.#waiting) reject(this.reason)
      this.#abort.abort(this.reason)
    }
    this.#idle = setTimeout(() => expire(idle), Math.min(idle, LONGEST))
    this.#overall = setTimeout(() => expire(limit), Math.min(limit, LONGEST))
    this.signal = signal === undefined ? this.#abort.signal : AbortSignal.any([signal, this.#abort.signal])
  }

  /** Also where what is waited for ignores its signal. */
  during<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.reason !== undefined) reject(this.reason)
      const settled = (): void => void this.#waiting.delete(reject)
      this.#waiting.add(reject)
      work.then(resolve, reject).finally(settled)
    })
  }

  async *each(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = pieces[Symbol.asyncIterator]()
    try {
      for (;;) {
        const { done, value } = await this.during(reader.next())
        if (done) {
          // Everything is sent: what the server does with it takes as long as its size allows.
          clearTimeout(this.#idle)
          return
        }
        this.#idle.refresh()
        yield value
      }
    } finally {
      if (this.reason === undefined) await reader.return?.()
    }
  }

  end(): void {
    clearTimeout(this.#idle)
    clearTimeout(this.#overall)
  }
}
