import { e8m0, SMALL_FLOATS, smallFloat } from './small-floats.ts'

/** How the stored bytes of a dtype become numbers. Bytes are little-endian, of whole elements, and aligned to eight. */
export interface Numbers {
  /** Bytes of an element. */
  readonly bytes: number
  /** Of what has one or two bytes: the value of every bit pattern. */
  readonly table?: () => Float64Array
  /** Writes the values of elements `from` to `to` to the start of `out`. */
  decode(bytes: Uint8Array, from: number, to: number, out: Float64Array): void
}

/**
 * What is known of a dtype, undefined for one whose payload is no row of numbers (GGUF blocks, halves of bytes). Complex numbers count by their
 * magnitude, truth values as 0 and 1, quantized ones by the integer that is stored; a 64-bit integer beyond 2^53 is rounded.
 */
export function numbersOf(dtype: string): Numbers | undefined {
  const known = KNOWN.get(dtype)
  return known === undefined ? undefined : known()
}

/** As `numbersOf`, but each part of a complex number by itself. */
export function componentsOf(dtype: string): Numbers | undefined {
  return numbersOf(PARTS_OF.get(dtype) ?? dtype)
}

const PARTS_OF: ReadonlyMap<string, string> = new Map([
  ['complex32', 'float16'],
  ['complex64', 'float32'],
  ['complex128', 'float64'],
])

type Array64 = Float32Array | Float64Array | Int32Array | Uint32Array

function native(word: number, open: (buffer: ArrayBufferLike, offset: number, count: number) => Array64): Numbers {
  return {
    bytes: word,
    decode(bytes, from, to, out) {
      const { buffer, byteOffset } = bytes
      out.set(open(buffer, byteOffset + from * word, to - from))
    },
  }
}

function words64(isSigned: boolean): Numbers {
  return {
    bytes: 8,
    decode(bytes, from, to, out) {
      const { buffer, byteOffset } = bytes
      const low = new Uint32Array(buffer, byteOffset + from * 8, (to - from) * 2)
      const high = isSigned ? new Int32Array(buffer, byteOffset + from * 8, (to - from) * 2) : low
      for (let i = 0; i < to - from; i++) out[i] = high[2 * i + 1]! * 0x1_0000_0000 + low[2 * i]!
    },
  }
}

function complex(part: Numbers): Numbers {
  const parts = new Float64Array(2 * PARTS)
  return {
    bytes: part.bytes * 2,
    decode(bytes, from, to, out) {
      for (let done = from; done < to; done += PARTS) {
        const count = Math.min(PARTS, to - done)
        part.decode(bytes, 2 * done, 2 * (done + count), parts)
        for (let i = 0; i < count; i++) out[done - from + i] = magnitude(parts[2 * i]!, parts[2 * i + 1]!)
      }
    },
  }
}

const PARTS = 1024

/** Squares of very large and very small numbers leave the range of a double; for those there is the slow way. */
function magnitude(real: number, imaginary: number): number {
  const length = Math.sqrt(real * real + imaginary * imaginary)
  return length > 1e-140 && length < 1e150 ? length : Math.hypot(real, imaginary)
}

function tabled(word: 1 | 2, value: (bits: number) => number): () => Numbers {
  let made: Float64Array | undefined
  const table = () => (made ??= Float64Array.from({ length: 1 << (8 * word) }, (_, bits) => value(bits)))
  const numbers: Numbers = {
    bytes: word,
    table,
    decode(bytes, from, to, out) {
      const values = table()
      if (word === 1) for (let i = from; i < to; i++) out[i - from] = values[bytes[i]!]!
      else lookUp16(bytes, from, to, values, out)
    },
  }
  return () => numbers
}

function lookUp16(bytes: Uint8Array, from: number, to: number, values: Float64Array, out: Float64Array): void {
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset + 2 * from, to - from)
  for (let i = 0; i < words.length; i++) out[i] = values[words[i]!]!
}

const float32 = () => native(4, (...place) => new Float32Array(...place))
const float64 = () => native(8, (...place) => new Float64Array(...place))
const int32 = () => native(4, (...place) => new Int32Array(...place))
const int8 = tabled(1, (bits) => (bits << 24) >> 24)
const uint8 = tabled(1, (bits) => bits)
const float16 = tabled(2, (bits) => smallFloat(bits, SMALL_FLOATS.float16!))

const KNOWN: ReadonlyMap<string, () => Numbers> = new Map([
  ['float32', float32],
  ['float64', float64],
  ['float16', float16],
  ['bfloat16', tabled(2, (bits) => smallFloat(bits, SMALL_FLOATS.bfloat16!))],
  ...Object.entries(SMALL_FLOATS)
    .filter(([dtype]) => dtype.startsWith('float8'))
    .map(([dtype, format]) => [dtype, tabled(1, (bits) => smallFloat(bits, format))] as const),
  ['float8_e8m0fnu', tabled(1, e8m0)],
  ['bool', tabled(1, (bits) => (bits === 0 ? 0 : 1))],
  ['uint8', uint8],
  ['quint8', uint8],
  ['int8', int8],
  ['qint8', int8],
  ['int16', tabled(2, (bits) => (bits << 16) >> 16)],
  ['uint16', tabled(2, (bits) => bits)],
  ['int32', int32],
  ['qint32', int32],
  ['uint32', () => native(4, (...place) => new Uint32Array(...place))],
  ['int64', () => words64(true)],
  ['uint64', () => words64(false)],
  ['complex32', () => complex(float16())],
  ['complex64', () => complex(float32())],
  ['complex128', () => complex(float64())],
])
