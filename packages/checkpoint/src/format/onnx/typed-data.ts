import type { Source } from '../../source.ts'
import { forwardSource } from '../../source/forward.ts'
import type { Range } from './tensor-proto.ts'
import type { WireReader } from './wire.ts'

const PIECE = 64 << 10
const VARINT_MAX = 10
const FLOAT6_BITS = 6

/** Makes raw bytes of the numbers of one piece: returns how many bytes of `input` it used and of `output` it filled. */
type Decode = (input: Buffer, output: Buffer) => { used: number; made: number }

/**
 * The elements of `int32_data`, `int64_data` or `uint64_data` as `raw_data` would hold them, little-endian: varints cut to `bits` each,
 * decoded while reading. Elements that share bytes are put together in each number already (2 and 4 bits), or one by one (6 bits).
 */
export function varintSource(
  source: Source,
  ranges: readonly Range[],
  { bits, bytes, elements }: { bits: number; bytes: number; elements: number },
  reader: WireReader,
  name: string,
): Source {
  if (bits === FLOAT6_BITS) {
    const each = varintSource(source, ranges, { bits: 8, bytes: elements, elements }, reader, name)
    return forwardSource(name, bytes, () => packed(each, bytes))
  }
  const width = Math.max(bits, 8) / 8
  return forwardSource(name, bytes, () => decoded(source, ranges, decodeVarints(width), reader))
}

/** Strings, each behind its length in bytes as a u32: a payload that two tensors share only if all their strings are equal. */
export function stringSource(source: Source, ranges: readonly Range[], name: string): Source {
  const size = ranges.reduce((sum, { start, end }) => sum + 4 + end - start, 0)
  return forwardSource(name, size, async function* strings() {
    for (const { start, end } of ranges) {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(end - start)
      yield length
      yield* piecesOf(source, { start, end })
    }
  })
}

/** Ranges of a source, one behind the other. */
export function joinedSource(source: Source, ranges: readonly Range[], name: string): Source {
  const size = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  return forwardSource(name, size, async function* joined() {
    for (const range of ranges) yield* piecesOf(source, range)
  })
}

async function* piecesOf(source: Source, { start, end }: Range): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += PIECE) yield Buffer.from(await source.read(at, Math.min(PIECE, end - at)))
}

async function* decoded(
  source: Source,
  ranges: readonly Range[],
  decode: Decode,
  reader: WireReader,
): AsyncGenerator<Uint8Array> {
  let output = Buffer.allocUnsafe(PIECE)
  let filled = 0
  for (const { start, end } of ranges) {
    for (let at = start; at < end; ) {
      const input = Buffer.from(await source.read(at, Math.min(PIECE, end - at)))
      const { used, made } = decode(input, output.subarray(filled))
      filled += made
      at += used
      if (used === 0 && filled === 0) throw reader.fail('a number is cut off, or too long')
      if (filled < PIECE / 2 && used > 0) continue
      yield output.subarray(0, filled)
      output = Buffer.allocUnsafe(PIECE)
      filled = 0
    }
  }
  if (filled > 0) yield output.subarray(0, filled)
}

function decodeVarints(width: number): Decode {
  return (input, output) => {
    let at = 0
    let made = 0
    while (made + width <= output.length) {
      const end = varintEnd(input, at)
      if (end === undefined) break
      writeLow(input, at, end, output.subarray(made, made + width))
      at = end
      made += width
    }
    return { used: at, made }
  }
}

function varintEnd(input: Buffer, at: number): number | undefined {
  for (let i = at; i < input.length && i < at + VARINT_MAX; i++) if (input[i]! < 0x80) return i + 1
}

/** The low bytes of a varint, as many as `target` has. */
function writeLow(input: Buffer, start: number, end: number, target: Buffer): void {
  let low = 0
  let bits = 0
  let at = 0
  for (let i = start; i < end && at < target.length; i++) {
    low |= (input[i]! & 0x7f) << bits
    bits += 7
    if (bits >= 8) {
      target[at++] = low & 0xff
      low >>>= 8
      bits -= 8
    }
  }
  if (at < target.length) target[at++] = low & 0xff
  target.fill(0, at)
}

/** Four values of 6 bits to three bytes, the first in the lowest bits (onnx/numpy_helper.py, `_pack_6bit`). */
async function* packed(each: Source, bytes: number): AsyncGenerator<Uint8Array> {
  for (let made = 0; made < bytes; ) {
    const at = (made / 3) * 4
    const values = await each.read(at, Math.min(PIECE, each.size - at))
    const output = Buffer.alloc(Math.ceil((values.length * FLOAT6_BITS) / 8))
    for (const [i, value] of values.entries()) {
      const bit = i * FLOAT6_BITS
      const shifted = (value & 0x3f) << (bit % 8)
      output[bit >> 3]! |= shifted & 0xff
      if (shifted > 0xff) output[(bit >> 3) + 1]! |= shifted >> 8
    }
    yield output
    made += output.length
  }
}
