import { END_OF_BLOCK, firstCodes, LENGTH_MAX, LENGTH_ORDER, LITERALS, reverseBits } from './huffman-code.ts'

const table = new Uint16Array(1 << LENGTH_MAX)
const told = new Uint8Array(320)
const lengthLengths = new Uint8Array(LENGTH_ORDER.length)

/**
 * Reads raw deflate of the one shape that `huffmanEncode` writes: one dynamic block, literals only, as long as `target`. False for all
 * else, damaged streams among it: then an ordinary inflater has to say what it is.
 */
export function huffmanDecode(stored: Uint8Array, target: Uint8Array): boolean {
  const reader = new BitReader(stored)
  if (reader.take(3) !== 0b101 || reader.take(5) !== 0) return false
  const toldCount = LITERALS + 2 + reader.take(5)
  if (!readLengths(reader, toldCount)) return false
  const bits = fillTable(told.subarray(0, LITERALS + 1))
  return bits > 0 && readLiterals(stored, reader.position, { target, bits })
}

function readLengths(reader: BitReader, toldCount: number): boolean {
  lengthLengths.fill(0)
  const orderCount = 4 + reader.take(4)
  for (const symbol of LENGTH_ORDER.slice(0, orderCount)) lengthLengths[symbol] = reader.take(3)
  const bits = fillTable(lengthLengths)
  if (bits <= 0) return false
  for (let i = 0; i < toldCount; ) {
    const entry = table[reader.peek(bits)]!
    reader.take(entry & 15)
    const symbol = entry >>> 4
    let value = symbol
    let run = 1
    if (symbol === 16) {
      if (i === 0) return false
      value = told[i - 1]!
      run = 3 + reader.take(2)
    } else if (symbol > 16) {
      value = 0
      run = symbol === 17 ? 3 + reader.take(3) : 11 + reader.take(7)
    }
    if (i + run > toldCount) return false
    told.fill(value, i, i + run)
    i += run
  }
  return true
}

/** Fills the table for the longest code's bits, symbol × 16 + length, and returns how many these are; 0 where the code is not complete. */
function fillTable(lengths: Uint8Array): number {
  let bits = 0
  for (const length of lengths) bits = Math.max(bits, length)
  let room = 0
  for (const length of lengths) if (length > 0) room += 1 << (bits - length)
  if (bits === 0 || room !== 1 << bits) return 0
  const next = firstCodes(lengths)
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!
    if (length === 0) continue
    const entry = (symbol << 4) | length
    const step = 1 << length
    for (let code = reverseBits(next[length]!++, length); code < 1 << bits; code += step) table[code] = entry
  }
  return bits
}

function readLiterals(stored: Uint8Array, start: number, { target, bits }: { target: Uint8Array; bits: number }): boolean {
  const mask = (1 << bits) - 1
  const end = target.length
  // Beyond this a load of four bytes could leave the input.
  const lastLoad = (stored.length - 4) * 8
  const pairs = bits <= 12 ? end & ~1 : 0
  let position = start
  let i = 0
  while (i < pairs && position < lastLoad) {
    const at = position >>> 3
    const word = (stored[at]! | (stored[at + 1]! << 8) | (stored[at + 2]! << 16) | (stored[at + 3]! << 24)) >>> (position & 7)
    const first = table[word & mask]!
    const second = table[(word >>> (first & 15)) & mask]!
    if (first >= END_ENTRY || second >= END_ENTRY) break
    target[i] = first >>> 4
    target[i + 1] = second >>> 4
    position += (first & 15) + (second & 15)
    i += 2
  }
  const reader = new BitReader(stored, position)
  for (; i < end; i++) {
    const entry = table[reader.peek(bits)]!
    if (entry >= END_ENTRY) return false
    reader.take(entry & 15)
    target[i] = entry >>> 4
  }
  const last = table[reader.peek(bits)]!
  reader.take(last & 15)
  return last >>> 4 === END_OF_BLOCK && Math.ceil(reader.position / 8) === stored.length
}

const END_ENTRY = END_OF_BLOCK << 4

/** Reads zeros behind the end; whoever uses it compares `position` with the length at last. */
class BitReader {
  position: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes
    this.position = position
  }

  /** At most 16 bits. */
  peek(count: number): number {
    const at = this.position >>> 3
    const bytes = this.#bytes
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
    return (word >>> (this.position & 7)) & ((1 << count) - 1)
  }

  take(count: number): number {
    const value = this.peek(count)
    this.position += count
    return value
  }
}
