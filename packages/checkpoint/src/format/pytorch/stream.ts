import { ArtError } from '@art/core'
import { OP, OpcodeReader } from '../../pickle/opcodes.ts'
import type { Source } from '../../source.ts'
import type { Reading } from './unpickle.ts'

/** Read at first; then as much again as there is. */
const PIECE = 16 << 10

/** Pickles that follow one another, and whatever stands between them. */
export interface PickleStream {
  /** Where the next one begins: may be moved forward. */
  at: number
  /**
   * The bytes of one pickle as far as its STOP. Reads little more than that. Fails with `CORRUPT` where it does not end within the source
   * or the limit.
   */
  next(): Promise<Uint8Array>
}

export function pickleStream(source: Source, { limits, options }: Reading): PickleStream {
  /** Read and not yet used up: what begins at `from`. */
  let ahead: Uint8Array = new Uint8Array(0)
  let from = 0

  async function extend(): Promise<void> {
    const end = from + ahead.length
    const more = Math.min(Math.max(PIECE, ahead.length), source.size - end, limits.tableBytes - ahead.length)
    if (more <= 0) throw cutOff(source, from)
    ahead = Buffer.concat([ahead, await source.read(end, more, options)])
  }

  return {
    at: 0,
    async next() {
      const behind = this.at - from
      ahead = behind >= 0 && behind <= ahead.length ? ahead.subarray(behind) : new Uint8Array(0)
      from = this.at
      for (let position = 0; ; ) {
        const reader = new OpcodeReader(ahead, position)
        try {
          while (reader.next() !== OP.STOP) position = reader.end
          this.at = from + reader.end
          return ahead.subarray(0, reader.end)
        } catch (error) {
          if (!reader.cutOff) throw error
        }
        await extend()
      }
    },
  }
}

function cutOff(source: Source, start: number): ArtError {
  return new ArtError('CORRUPT', `damaged pickle: the one at byte ${start} does not end`, {
    path: source.name,
    hint: 'Fetch or save the file again.',
  })
}
