import type { ArtEvent, CallOptions, Phase } from './event.ts'

/** What is told is kept together until it is this much: a directory has very many contents. */
const TIMES = 1000
const BYTES = 8 << 20

/**
 * Tells a listener of one phase so that the totals which that adds up are reached: what turns out to need nothing, since the other side has
 * it, counts as done (`skip`), and what does not come is taken back (`remains`).
 */
export class Progress {
  readonly #phase: Phase
  readonly #listener: CallOptions['onEvent']
  readonly #left = { files: 0, bytes: 0 }
  readonly #expected = { files: 0, bytes: 0 }
  readonly #skipped = { files: 0, bytes: 0 }
  #times = 0
  #bytes = 0

  constructor(phase: Phase, { onEvent }: CallOptions) {
    this.#phase = phase
    this.#listener = onEvent
  }

  /** Bytes that are done. */
  get bytes(): number {
    return this.#bytes
  }

  /** Hears, and passes on, what others tell of the same phase. */
  readonly onEvent = (event: ArtEvent): void => {
    if ((event.type === 'phase' || event.type === 'progress') && event.phase === this.#phase) {
      this.tell()
      this.#note(event.type, event.files ?? 0, event.bytes ?? 0)
    }
    this.#listener?.(event)
  }

  /** There is more to do. */
  expect(files: number, bytes: number): void {
    this.#note('phase', files, bytes)
    this.#gather(this.#expected, files, bytes)
  }

  done(files: number, bytes: number): void {
    this.onEvent({ type: 'progress', phase: this.#phase, files, bytes })
  }

  /** As `done`, for what needed nothing. */
  skip(files: number, bytes: number): void {
    this.#note('progress', files, bytes)
    this.#gather(this.#skipped, files, bytes)
  }

  /** So much is still to come; what was expected besides needed nothing. */
  skipTo(files: number, bytes: number): void {
    this.skip(this.#left.files - files, this.#left.bytes - bytes)
  }

  /** So much is still to come, whatever was expected. */
  remains(files = 0, bytes = 0): void {
    this.expect(files - this.#left.files, bytes - this.#left.bytes)
    this.tell()
  }

  /** Tells what has been kept back so far. */
  tell(): void {
    this.#times = 0
    for (const [type, amounts] of [['phase', this.#expected] as const, ['progress', this.#skipped] as const]) {
      const { files, bytes } = amounts
      amounts.files = amounts.bytes = 0
      if (files !== 0 || bytes !== 0) this.#listener?.({ type, phase: this.#phase, files, bytes })
    }
  }

  #note(type: 'phase' | 'progress', files: number, bytes: number): void {
    if (type === 'progress') this.#bytes += bytes
    this.#left.files += type === 'phase' ? files : -files
    this.#left.bytes += type === 'phase' ? bytes : -bytes
  }

  #gather(amounts: { files: number; bytes: number }, files: number, bytes: number): void {
    amounts.files += files
    amounts.bytes += bytes
    if (++this.#times >= TIMES || Math.abs(amounts.bytes) >= BYTES) this.tell()
  }
}
