import { ArtError } from '@art/core'
import { LIMITS } from '../../model-file.ts'
import type { Cursor } from '../../source/cursor.ts'

/** The numbers and strings of a GGUF header, in the file's byte order. Values are counted, and fail with `CORRUPT` beyond the limit. */
export interface GgufReader {
  readonly cursor: Cursor
  u32(): Promise<number>
  /** At most 2^53 - 1: it counts something of the file. */
  size(): Promise<number>
  string(): Promise<string>
  strings(count: number): Promise<string[]>
  scalars(scalar: Scalar, count: number): Promise<(number | bigint | boolean)[]>
  /** For values that are made of others. */
  count(values: number): void
  fail(what: string): ArtError
}

export interface Scalar {
  readonly bytes: 1 | 2 | 4 | 8
  readonly read: (bytes: Buffer, at: number, bigEndian: boolean) => number | bigint | boolean
}

const PIECE = 64 << 10
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

export function ggufReader(cursor: Cursor, bigEndian: boolean, path: string): GgufReader {
  let values = 0
  let textBytes = 0

  const fail = (what: string): ArtError =>
    new ArtError('CORRUPT', `damaged GGUF file: ${what}`, { path, hint: 'Fetch or save the file again.' })

  function countValues(more: number): void {
    values += more
    if (values > LIMITS.values) throw fail(`it has more than ${LIMITS.values} values`)
  }

  function takeSize(): number {
    const bytes = cursor.take(8)
    const value = bigEndian ? bytes.readBigUInt64BE(0) : bytes.readBigUInt64LE(0)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw fail(`a count of ${value} at ${cursor.position - 8}`)
    return Number(value)
  }

  async function strings(count: number): Promise<string[]> {
    countValues(count)
    const all: string[] = []
    for (let i = 0; i < count; i++) {
      const waiting = cursor.need(8)
      if (waiting !== undefined) await waiting
      const length = takeSize()
      textBytes += length
      if (textBytes > LIMITS.tableBytes) throw fail(`its strings have more than ${LIMITS.tableBytes} bytes`)
      const more = cursor.need(length)
      if (more !== undefined) await more
      all.push(utf8.decode(cursor.take(length)))
    }
    return all
  }

  async function scalars({ bytes: width, read }: Scalar, count: number): Promise<(number | bigint | boolean)[]> {
    countValues(count)
    const all: (number | bigint | boolean)[] = []
    while (all.length < count) {
      const length = Math.min(count - all.length, PIECE / width) * width
      await cursor.need(length)
      const bytes = cursor.take(length)
      for (let at = 0; at < length; at += width) all.push(read(bytes, at, bigEndian))
    }
    return all
  }

  return {
    cursor,
    async u32() {
      await cursor.need(4)
      const bytes = cursor.take(4)
      return bigEndian ? bytes.readUInt32BE(0) : bytes.readUInt32LE(0)
    },
    async size() {
      await cursor.need(8)
      return takeSize()
    },
    string: async () => (await strings(1))[0]!,
    strings,
    scalars,
    count: countValues,
    fail,
  }
}
