import { codeLengths, END_OF_BLOCK, firstCodes, LENGTH_ORDER, LITERALS, reverseBits } from './huffman-code.ts'

/** Shorter than deflate's 15, so that two codes fit into 24 bits and a reader's table stays small; costs under 0.1 %. */
const CODE_LIMIT = 12
const LENGTH_CODE_LIMIT = 7

/** Lengths that a header tells: literals, end of block, and one distance, which is never used. */
const TOLD = LITERALS + 2

const frequencies = new Uint32Array(LITERALS + 1)
const others = new Uint32Array(LITERALS)
const told = new Uint8Array(TOLD)
const lengths = told.subarray(0, LITERALS + 1)
const codes = new Uint32Array(LITERALS + 1)

/**
 * Writes `bytes` as one block of raw deflate (RFC 1951) without matches into `out` at `at`, and returns where it ends, or -1 where that
 * would save nothing. Twice as fast as zlib with `Z_HUFFMAN_ONLY`, and any inflater reads it.
 */
export function huffmanEncode(bytes: Uint8Array, out: Uint8Array, at: number): number {
  count(bytes)
  codeLengths(frequencies, CODE_LIMIT, lengths)
  const header = new Header(told)
  let bits = header.bits
  for (let symbol = 0; symbol <= LITERALS; symbol++) bits += frequencies[symbol]! * lengths[symbol]!
  const size = Math.ceil(bits / 8)
  if (size >= bytes.length || at + size + 4 > out.length) return -1
  assignCodes(lengths, codes)
  const writer = new BitWriter(out, at)
  header.write(writer)
  writeLiterals(bytes, writer)
  writer.put(codes[END_OF_BLOCK]! & 0xffff, codes[END_OF_BLOCK]! >>> 16)
  return writer.finish()
}

/** Two tables, so that equal neighbours do not wait for each other. */
function count(bytes: Uint8Array): void {
  frequencies.fill(0)
  others.fill(0)
  const even = bytes.length & ~1
  for (let i = 0; i < even; i += 2) {
    frequencies[bytes[i]!]!++
    others[bytes[i + 1]!]!++
  }
  if (even < bytes.length) frequencies[bytes[even]!]!++
  for (let symbol = 0; symbol < LITERALS; symbol++) frequencies[symbol]! += others[symbol]!
  frequencies[END_OF_BLOCK] = 1
}

/** Codes as they are written, with their lengths above the 16th bit. */
function assignCodes(from: Uint8Array, to: Uint32Array): void {
  const next = firstCodes(from)
  for (let symbol = 0; symbol < from.length; symbol++) {
    const length = from[symbol]!
    to[symbol] = length === 0 ? 0 : reverseBits(next[length]!++, length) | (length << 16)
  }
}

function writeLiterals(bytes: Uint8Array, writer: BitWriter): void {
  const { out } = writer
  let { at, buffer, filled } = writer
  const even = bytes.length & ~1
  for (let i = 0; i < even; i += 2) {
    const a = codes[bytes[i]!]!
    const b = codes[bytes[i + 1]!]!
    const lengthA = a >>> 16
    buffer |= ((a & 0xffff) | ((b & 0xffff) << lengthA)) << filled
    filled += lengthA + (b >>> 16)
    out[at] = buffer
    out[at + 1] = buffer >>> 8
    out[at + 2] = buffer >>> 16
    at += filled >>> 3
    buffer >>>= filled & 24
    filled &= 7
  }
  writer.at = at
  writer.buffer = buffer
  writer.filled = filled
  if (even < bytes.length) writer.put(codes[bytes[even]!]! & 0xffff, codes[bytes[even]!]! >>> 16)
}

/** The part of a dynamic block before its literals: RFC 1951, 3.2.7. */
class Header {
  readonly bits: number
  readonly #tokens: { symbol: number; extra: number; extraBits: number }[]
  readonly #codes = new Uint32Array(LENGTH_ORDER.length)
  readonly #lengths = new Uint8Array(LENGTH_ORDER.length)
  readonly #orderCount: number

  constructor(allLengths: Uint8Array) {
    this.#tokens = tokenize(allLengths)
    const frequency = new Uint32Array(LENGTH_ORDER.length)
    for (const { symbol } of this.#tokens) frequency[symbol]!++
    codeLengths(frequency, LENGTH_CODE_LIMIT, this.#lengths)
    assignCodes(this.#lengths, this.#codes)
    this.#orderCount = LENGTH_ORDER.findLastIndex((symbol) => this.#lengths[symbol]! > 0) + 1
    this.bits = 17 + 3 * this.#orderCount
    for (const { symbol, extraBits } of this.#tokens) this.bits += this.#lengths[symbol]! + extraBits
  }

  write(writer: BitWriter): void {
    // Last block, dynamic codes; 257 literal lengths, 1 distance length.
    writer.put(0b101, 3)
    writer.put(0, 10)
    writer.put(this.#orderCount - 4, 4)
    for (const symbol of LENGTH_ORDER.slice(0, this.#orderCount)) writer.put(this.#lengths[symbol]!, 3)
    for (const { symbol, extra, extraBits } of this.#tokens) {
      writer.put(this.#codes[symbol]! & 0xffff, this.#codes[symbol]! >>> 16)
      writer.put(extra, extraBits)
    }
  }
}

/** Runs of zeros become symbols 17 and 18, repeats of a length symbol 16. */
function tokenize(all: Uint8Array): { symbol: number; extra: number; extraBits: number }[] {
  const tokens: { symbol: number; extra: number; extraBits: number }[] = []
  for (let i = 0; i < all.length; ) {
    const value = all[i]!
    let run = 1
    while (i + run < all.length && all[i + run] === value) run++
    if (value === 0 && run >= 3) {
      run = Math.min(run, 138)
      tokens.push(run > 10 ? { symbol: 18, extra: run - 11, extraBits: 7 } : { symbol: 17, extra: run - 3, extraBits: 3 })
    } else if (value > 0 && run >= 4) {
      run = Math.min(run, 7)
      tokens.push({ symbol: value, extra: 0, extraBits: 0 }, { symbol: 16, extra: run - 4, extraBits: 2 })
    } else {
      run = 1
      tokens.push({ symbol: value, extra: 0, extraBits: 0 })
    }
    i += run
  }
  return tokens
}

class BitWriter {
  readonly out: Uint8Array
  at: number
  buffer = 0
  filled = 0

  constructor(out: Uint8Array, at: number) {
    this.out = out
    this.at = at
  }

  /** At most 16 bits. */
  put(value: number, length: number): void {
    this.buffer |= value << this.filled
    this.filled += length
    for (; this.filled >= 8; this.filled -= 8) {
      this.out[this.at++] = this.buffer
      this.buffer >>>= 8
    }
  }

  finish(): number {
    if (this.filled > 0) this.out[this.at++] = this.buffer
    return this.at
  }
}
