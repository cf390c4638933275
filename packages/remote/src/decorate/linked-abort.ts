/** Passes the caller's abort on, and can abort by itself. `AbortSignal.any` leaks on Node 20 where the outer signal lives long. */
export class LinkedAbort {
  readonly #own = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #pass = (): void => this.#own.abort(this.#outer?.reason)

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer
    if (outer?.aborted) this.#pass()
    else outer?.addEventListener('abort', this.#pass, { once: true })
  }

  get signal(): AbortSignal {
    return this.#own.signal
  }

  abort(reason: unknown): void {
    this.#own.abort(reason)
  }

  unlink(): void {
    this.#outer?.removeEventListener('abort', this.#pass)
  }
}
