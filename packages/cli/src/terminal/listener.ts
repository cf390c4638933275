import type { ArtEvent } from '@art/core'
import type { ProgressDisplay } from './progress-display.ts'

export interface Warning {
  message: string
  path?: string
}

export interface ListenerOptions {
  json: boolean
  quiet: boolean
  verbose: boolean
  /** False with `--no-progress`. */
  progress: boolean
}

const PATIENCE_MS = 300

/** Takes events from the first moment; what draws them is loaded only for commands that take a while or have something to say. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #warnings: Warning[] = []
  /** With the time of each. */
  #waiting: { event: ArtEvent; at: number }[] = []
  #timer: NodeJS.Timeout | undefined
  #loading: Promise<void> | undefined
  #display: ProgressDisplay | undefined

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  readonly onEvent = (event: ArtEvent): void => {
    if (event.type === 'warning' && this.#options.json) {
      this.#warnings.push(
        event.path === undefined ? { message: event.message } : { message: event.message, path: event.path },
      )
      return
    }
    if (this.#display !== undefined) return this.#display.show(event)
    this.#keep(event)
    if (event.type === 'warning' || (event.type === 'request' && this.#options.verbose)) this.#loading ??= this.#load()
    this.#timer ??= setTimeout(() => {
      this.#loading ??= this.#load()
    }, PATIENCE_MS).unref()
  }

  /** Removes the progress line and returns the warnings that `--json` puts into its document. */
  async close(): Promise<Warning[]> {
    clearTimeout(this.#timer)
    await this.#loading
    this.#display?.close()
    return this.#warnings
  }

  /** What had been done so far, in words; empty for nothing. */
  async done(): Promise<string> {
    this.#loading ??= this.#load()
    await this.#loading
    return (this.#display as ProgressDisplay).done()
  }

  async #load(): Promise<void> {
    const { ProgressDisplay } = await import('./progress-display.ts')
    this.#display = new ProgressDisplay(this.#options)
    for (const { event, at } of this.#waiting) this.#display.show(event, at)
    this.#waiting = []
  }

  /** Progress adds up, so that what waits stays short however much is reported. */
  #keep(event: ArtEvent): void {
    const last = this.#waiting.at(-1)?.event
    if (event.type === 'progress' && last?.type === 'progress' && last.phase === event.phase) {
      last.files = (last.files ?? 0) + (event.files ?? 0)
      last.bytes = (last.bytes ?? 0) + (event.bytes ?? 0)
    } else if (event.type !== 'request' || this.#options.verbose) {
      this.#waiting.push({ event: { ...event }, at: performance.now() })
    }
  }
}
