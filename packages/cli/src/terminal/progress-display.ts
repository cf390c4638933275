import type { ArtEvent } from '@art/core'
import { escapeText } from '../render/escape.ts'
import { withPath } from '../render/problem.ts'
import { type PhaseState, renderDone, renderProgress } from '../render/progress.ts'
import type { ListenerOptions } from './listener.ts'
import { terminalColumns, writeErrorNow } from './output.ts'

const QUIET_START_MS = 500
const TERMINAL_INTERVAL_MS = 100
const PLAIN_INTERVAL_MS = 5_000

/** One line on stderr that is drawn over itself; in a pipe, of what lasts over half a second and has a figure, a line every five seconds. */
export class ProgressDisplay {
  readonly #options: ListenerOptions
  readonly #columns = terminalColumns('stderr')
  #phaseStart = 0
  #lastDrawn: number
  #state: PhaseState | undefined
  #drawn = false
  readonly #timer: NodeJS.Timeout | undefined

  constructor(options: ListenerOptions) {
    this.#options = options
    const interval = this.#columns === undefined ? PLAIN_INTERVAL_MS : TERMINAL_INTERVAL_MS
    // Times count from the start of the process.
    this.#lastDrawn = QUIET_START_MS - interval
    if (this.#shows()) this.#timer = setInterval(() => this.#draw(), TERMINAL_INTERVAL_MS).unref()
  }

  /** `at`: when it happened, in milliseconds since the process started. */
  show(event: ArtEvent, at = performance.now()): void {
    if (event.type === 'warning') {
      if (!this.#options.quiet) this.#line(`warning: ${withPath(event.message, event.path)}`)
    } else if (event.type === 'request') {
      if (this.#options.verbose && !this.#options.json) this.#line(requestLine(event))
    } else {
      this.#count(event, at)
      this.#draw()
    }
  }

  /** What had been done, in words. */
  done(): string {
    return this.#state === undefined ? '' : renderDone(this.#state)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#clear()
  }

  #shows(): boolean {
    return this.#options.progress && !this.#options.quiet && !(this.#options.json && this.#columns === undefined)
  }

  #count(event: Extract<ArtEvent, { type: 'phase' | 'progress' }>, at: number): void {
    const { phase, files = 0, bytes = 0 } = event
    const name = event.type === 'phase' ? event.name : undefined
    if (this.#state?.phase !== phase || (name !== undefined && this.#state.name !== name)) {
      this.#state = { phase, name, files: 0, bytes: 0, totalFiles: 0, totalBytes: 0, milliseconds: 0 }
      this.#phaseStart = at
    }
    if (event.type === 'phase') {
      this.#state.totalFiles += files
      this.#state.totalBytes += bytes
    } else {
      this.#state.files += files
      this.#state.bytes += bytes
    }
  }

  #draw(): void {
    const now = performance.now()
    const interval = this.#columns === undefined ? PLAIN_INTERVAL_MS : TERMINAL_INTERVAL_MS
    if (this.#state === undefined || !this.#shows() || now - this.#lastDrawn < interval) return
    // A line in a log stays: a phase that is over at once, or that has no figure yet, leaves none.
    if (this.#columns === undefined && (now - this.#phaseStart < QUIET_START_MS || !hasFigures(this.#state))) return
    this.#lastDrawn = now
    this.#state.milliseconds = now - this.#phaseStart
    const line = renderProgress(this.#state, this.#columns)
    if (this.#columns === undefined) writeErrorNow(`${line}\n`)
    else writeErrorNow(`\r\u001b[K${line}`)
    this.#drawn = this.#columns !== undefined
  }

  #line(text: string): void {
    this.#clear()
    writeErrorNow(`${text}\n`)
  }

  #clear(): void {
    if (this.#drawn) writeErrorNow('\r\u001b[K')
    this.#drawn = false
  }
}

function hasFigures({ files, bytes, totalFiles, totalBytes }: PhaseState): boolean {
  return files > 0 || bytes > 0 || totalFiles > 0 || totalBytes > 0
}

function requestLine({
  method,
  key,
  status,
  milliseconds,
  attempt = 1,
}: Extract<ArtEvent, { type: 'request' }>): string {
  const parts = [method, key, status ?? '', `${Math.round(milliseconds)} ms`, attempt > 1 ? `attempt ${attempt}` : '']
  return escapeText(parts.filter((part) => part !== '').join(' '))
}
