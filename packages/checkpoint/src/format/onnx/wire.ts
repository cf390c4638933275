import { ArtError } from '@art/core'
import { LIMITS } from '../../model-file.ts'
import type { Cursor } from '../../source/cursor.ts'

/** Wire types of protobuf (protobuf.dev/programming-guides/encoding); groups are not used by ONNX. */
export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
export const FIXED32 = 5

/** As deep as protobuf's own parsers go. */
const DEPTH_MAX = 100
/** Some times those of the largest graphs, and walked in about a second. */
const FIELDS_MAX = 8_000_000
/** A tag of 5 bytes and a length or number of 10. */
const HEAD_MAX = 15

export interface Field {
  readonly number: number
  readonly wire: number
  /** Of a varint, its low 64 bits unsigned; a bigint beyond 2^53 - 1. Else 0. */
  readonly value: number | bigint
  /** Where its content lies in the source, without tag and length. */
  readonly start: number
  readonly end: number
}

/** May read, and leave the cursor anywhere: the walk goes on behind the field. */
export type Visit = (field: Field) => void | Promise<void>

export interface WireReader {
  readonly cursor: Cursor
  /** Visits the fields of a message that lies from `start` to `end`. Fails with `CORRUPT` where one runs out of it. */
  walk(message: { readonly start: number; readonly end: number }, visit: Visit): Promise<void>
  /** The same for a message that is here: `bytes`, which begin at `start` of the source. */
  scan(bytes: Buffer, start: number, visit: (field: Field) => void): void
  /** A string field; empty where it is of another wire type, as protobuf ignores such. */
  text(field: Field): Promise<string>
  /** Numbers of a repeated field, packed or not. */
  varints(field: Field): Promise<(number | bigint)[]>
  fail(what: string): ArtError
}

export function wireReader(cursor: Cursor, path: string): WireReader {
  let fields = 0
  let textBytes = 0
  let depth = 0

  const fail = (what: string): ArtError =>
    new ArtError('CORRUPT', `damaged ONNX file: ${what}`, { path, hint: 'Fetch or save the file again.' })

  /** Of the head at `from` in `bytes`, which begin at `start` of the source, in a message that ends at `end`. */
  function fieldAt(bytes: Buffer, from: number, start: number, end: number): Field {
    if (++fields > FIELDS_MAX) throw fail(`it has more than ${FIELDS_MAX} fields`)
    const field = readHead(bytes, from, start)
    if (field === undefined || field.end > end) throw fail(`a field at ${start + from} runs out of its message`)
    return field
  }

  async function walk({ start, end }: { start: number; end: number }, visit: Visit): Promise<void> {
    if (++depth > DEPTH_MAX) throw fail('messages are nested too deep')
    for (let at = start; at < end; ) {
      cursor.position = at
      const room = Math.min(HEAD_MAX, end - at)
      const waiting = cursor.need(room)
      if (waiting !== undefined) await waiting
      const field = fieldAt(cursor.take(room), 0, at, end)
      const visiting = visit(field)
      if (visiting !== undefined) await visiting
      at = field.end
    }
    depth--
  }

  function scan(bytes: Buffer, start: number, visit: (field: Field) => void): void {
    const end = start + bytes.length
    for (let at = start; at < end; ) {
      const field = fieldAt(bytes, at - start, start, end)
      visit(field)
      at = field.end
    }
  }

  async function bytesOf({ start, end }: Field): Promise<Buffer> {
    textBytes += end - start
    if (textBytes > LIMITS.tableBytes) throw fail(`its tables have more than ${LIMITS.tableBytes} bytes`)
    cursor.position = start
    await cursor.need(end - start)
    return cursor.take(end - start)
  }

  return {
    cursor,
    walk,
    scan,
    fail,
    text: async (field) => (field.wire === BYTES ? (await bytesOf(field)).toString() : ''),
    async varints(field) {
      if (field.wire === VARINT) return [field.value]
      if (field.wire !== BYTES) return []
      const bytes = await bytesOf(field)
      const values: (number | bigint)[] = []
      for (let at = 0; at < bytes.length; ) {
        const varint = readVarint(bytes, at)
        if (varint === undefined) throw fail('a number is cut off')
        values.push(varint.value)
        at = varint.next
      }
      return values
    },
  }
}

/** Undefined for what is no field. */
function readHead(bytes: Buffer, from: number, start: number): Field | undefined {
  const tag = readVarint(bytes, from)
  if (tag === undefined || typeof tag.value !== 'number' || tag.value > 0xffff_ffff || tag.value < 8) return undefined
  const number = tag.value >>> 3
  const wire = tag.value & 7
  const content = start + tag.next
  if (wire === FIXED64 || wire === FIXED32) {
    return { number, wire, value: 0, start: content, end: content + (wire === FIXED64 ? 8 : 4) }
  }
  const next = wire === VARINT || wire === BYTES ? readVarint(bytes, tag.next) : undefined
  if (next === undefined) return undefined
  if (wire === VARINT) return { number, wire, value: next.value, start: content, end: start + next.next }
  if (typeof next.value !== 'number') return undefined
  return { number, wire, value: 0, start: start + next.next, end: start + next.next + next.value }
}

/** The number at `at`, its low 64 bits, and where the next begins. Undefined where it is cut off or longer than 10 bytes. */
export function readVarint(bytes: Uint8Array, at: number): { value: number | bigint; next: number } | undefined {
  let value = 0
  let scale = 1
  for (let i = at; i < bytes.length && i < at + 7; i++) {
    const byte = bytes[i]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return { value, next: i + 1 }
    scale *= 128
  }
  let large = BigInt(value)
  for (let i = at + 7; i < bytes.length && i < at + 10; i++) {
    const byte = bytes[i]!
    large += BigInt(byte & 0x7f) << BigInt((i - at) * 7)
    if (byte < 0x80) {
      const low = BigInt.asUintN(64, large)
      return { value: low <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(low) : low, next: i + 1 }
    }
  }
  return undefined
}
