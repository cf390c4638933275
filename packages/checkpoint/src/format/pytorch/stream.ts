import { ArtError, type CallOptions } from '@art/core'
import { OPCODES } from '../../pickle/memo.ts'
import { OP, OpcodeReader } from '../../pickle/opcodes.ts'
import type { Source } from '../../source.ts'
import type { Reading } from './unpickle.ts'

const WINDOW_MIN = 4 << 10
const WINDOW_MAX = 256 << 10
/** Nothing that an honest pickle writes as one line is longer. */
const LINE_MAX = 4 << 20
const BLOCK = 1 << 20

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

export function pickleStream(source: Source, reading: Reading): PickleStream {
  return {
    at: 0,
    async next() {
      const start = this.at
      this.at = await findEnd(source, start, reading)
      return readWhole(source, start, this.at - start, reading.options)
    },
  }
}

/**
 * Behind STOP; or, where an opcode is wrong, somewhere behind that, for whoever runs the pickle to say what it is. Looks through a window, so
 * that what turns out to be too long takes no memory, and does not read long constants.
 */
async function findEnd(source: Source, start: number, { limits, options }: Reading): Promise<number> {
  let at = start
  let opcodes = 0
  for (let window = WINDOW_MIN; ; ) {
    const length = Math.min(window, source.size - at)
    const reader = new OpcodeReader(await source.read(at, length, options), 0, source.size - at - length)
    let done = 0
    try {
      for (; reader.next() !== OP.STOP; opcodes++) done = reader.end
      return at + reader.end
    } catch (error) {
      if (!(error instanceof ArtError)) throw error
      if (!reader.cutOff) return at + length
    }
    const next = at + Math.max(done, reader.wanted)
    if (next > source.size || (next === at && length < window)) throw endless(source, start)
    if (next - start > limits.tableBytes || opcodes > limits.values * OPCODES || window > LINE_MAX)
      throw endless(source, start)
    window = next === at ? window * 4 : Math.min(window * 2, WINDOW_MAX)
    at = next
  }
}

/** Bytes of their own, read in blocks: whatever the source keeps of a read is small. */
export async function readWhole(
  source: Source,
  start: number,
  length: number,
  options?: CallOptions,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += BLOCK) {
    bytes.set(await source.read(start + at, Math.min(BLOCK, length - at), options), at)
  }
  return bytes
}

function endless(source: Source, start: number): ArtError {
  return new ArtError('CORRUPT', `damaged pickle: the one at byte ${start} does not end`, {
    path: source.name,
    hint: 'Fetch or save the file again.',
  })
}
