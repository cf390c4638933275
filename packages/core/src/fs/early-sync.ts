import type { FileHandle } from 'node:fs/promises'

const EVERY = 64 << 20

/**
 * Has a growing file written to the disk while it still grows: by itself the system would begin minutes later, and the sync at the end would
 * wait for all of it.
 */
export class EarlySync {
  readonly #file: Pick<FileHandle, 'datasync'>
  #begun = 0
  #running: Promise<unknown> | undefined

  constructor(file: Pick<FileHandle, 'datasync'>) {
    this.#file = file
  }

  /** Tells how many bytes there are now. */
  grown(size: number): void {
    if (size - this.#begun < EVERY || this.#running !== undefined) return
    this.#begun = size
    // What fails here fails again in the sync at the end.
    this.#running = this.#file
      .datasync()
      .catch(() => undefined)
      .finally(() => {
        this.#running = undefined
      })
  }

  /** Before the file is closed. */
  async settle(): Promise<void> {
    await this.#running
  }
}
