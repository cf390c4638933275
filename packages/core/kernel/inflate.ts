// AssemblyScript: see build.mjs.
import { BITS, CODES, END, LENGTH_BITS, LENGTH_SYMBOLS, LENGTHS, makeCodes, ORDER, SYMBOLS } from './code'

const MASK: u64 = (1 << BITS) - 1

/** Per `BITS` bits of a stream: symbol, and the length of its code from bit 16. */
const TABLE: usize = memory.data((1 << BITS) * 4, 16)
/** Per `BITS` bits: one to three literals, the bits they take from bit 24, their number from bit 28: 0 at the end of the block. */
const TRIPLES: usize = memory.data((1 << BITS) * 4, 16)
const LENGTH_TABLE: usize = memory.data((1 << LENGTH_BITS) * 4, 16)

/** Bits that were taken from the stream and not used yet. */
let pending: u64 = 0
let pendingBits: u32 = 0
/** Where the stream's next byte is. */
let source: usize = 0
let sourceEnd: usize = 0

// @ts-ignore: decorator
@inline
function refill(): void {
  while (pendingBits <= 56 && source < sourceEnd) {
    pending |= (load<u8>(source++) as u64) << pendingBits
    pendingBits += 8
  }
}

// @ts-ignore: decorator
@inline
function take(bits: u32): u32 {
  const value = (pending & (((1 as u64) << bits) - 1)) as u32
  pending >>= bits
  pendingBits -= bits
  return value
}

/**
 * Inflates `length` bytes at `from` to exactly `wanted` bytes at `to`. Returns 1 if that was done; 0 where the stream is damaged or has what
 * this kernel does not read: matches, blocks that are not dynamic, codes of more than `BITS` bits.
 */
export function inflate(from: usize, length: u32, to: usize, wanted: u32): u32 {
  source = from
  sourceEnd = from + length
  pending = 0
  pendingBits = 0
  const end = to + wanted
  for (let last: u32 = 0; last == 0; ) {
    refill()
    if (pendingBits < 17) return 0
    last = take(1)
    if (take(2) != 2) return 0
    if (!readLengths()) return 0
    if (!makeTable(SYMBOLS, BITS, TABLE)) return 0
    makeTriples()
    to = readSymbols(to, end)
    if (to == 0) return 0
  }
  return to == end && source == sourceEnd && pendingBits < 8 ? 1 : 0
}

/** Reads the header of a dynamic block to LENGTHS. */
function readLengths(): bool {
  const literals = take(5) + 257
  const distances = take(5) + 1
  const given = take(4) + 4
  if (literals != 257) return false
  memory.fill(LENGTHS, 0, LENGTH_SYMBOLS)
  for (let i: u32 = 0; i < given; i++) {
    refill()
    if (pendingBits < 3) return false
    store<u8>(LENGTHS + load<u8>(ORDER + i), take(3) as u8)
  }
  if (!makeTable(LENGTH_SYMBOLS, LENGTH_BITS, LENGTH_TABLE)) return false
  const all = literals + distances
  for (let i: u32 = 0; i < all; ) {
    refill()
    const entry = load<u32>(LENGTH_TABLE + ((pending & 127) as usize) * 4)
    const bits = entry >> 16
    if (bits == 0 || bits + 7 > pendingBits) return false
    take(bits)
    const symbol = entry & 0xffff
    if (symbol < 16) {
      store<u8>(LENGTHS + i++, symbol as u8)
      continue
    }
    if (symbol == 16 && i == 0) return false
    const value: u8 = symbol == 16 ? load<u8>(LENGTHS + i - 1) : 0
    const times = symbol == 16 ? take(2) + 3 : symbol == 17 ? take(3) + 3 : take(7) + 11
    if (i + times > all) return false
    memory.fill(LENGTHS + i, value, times)
    i += times
  }
  return true
}

/** A table by `bits` bits of the code that LENGTHS gives: symbol, and its length from bit 16. False where it is no complete code. */
function makeTable(symbols: u32, bits: u32, table: usize): bool {
  let room: i32 = 1 << bits
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const length: u32 = load<u8>(LENGTHS + symbol)
    if (length > bits) return false
    if (length > 0) room -= 1 << (bits - length)
  }
  if (room != 0) return false
  makeCodes(symbols)
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const code = load<u32>(CODES + symbol * 4)
    const length = code >> 16
    if (length == 0) continue
    const entry = symbol | (length << 16)
    for (let at = code & 0xffff; at < ((1 as u32) << bits); at += (1 as u32) << length) store<u32>(table + at * 4, entry)
  }
  return true
}

/** TRIPLES from TABLE: as many literals as fit. The end of the block stands alone. */
function makeTriples(): void {
  for (let at: u32 = 0; at < 1 << BITS; at++) {
    let literals: u32 = 0
    let bits: u32 = 0
    let count: u32 = 0
    for (; count < 3; count++) {
      const entry = load<u32>(TABLE + (at >> bits) * 4)
      const symbol = entry & 0xffff
      const length = entry >> 16
      if (symbol == END) {
        if (count == 0) bits = length
        break
      }
      if (bits + length > BITS) break
      literals |= symbol << (count * 8)
      bits += length
    }
    store<u32>(TRIPLES + at * 4, literals | (bits << 24) | (count << 28))
  }
}

/** Symbols of one block, to its end. Returns where the next byte goes, or 0 where that cannot be. */
function readSymbols(to: usize, end: usize): usize {
  let bits = pending
  let held = pendingBits
  let at = source
  // Five lookups take 50 bits of 56, and write 16 bytes at most.
  while (at + 8 <= sourceEnd && to + 16 <= end) {
    bits |= load<u64>(at) << held
    at += (63 - held) >> 3
    held |= 56
    for (let i = 0; i < 5; i++) {
      const entry = load<u32>(TRIPLES + ((bits & MASK) as usize) * 4)
      const length = (entry >> 24) & 15
      const symbols = entry >> 28
      store<u32>(to, entry)
      to += symbols
      bits >>= length
      held -= length
      if (symbols == 0) {
        source = at
        pending = bits
        pendingBits = held
        unread()
        return to
      }
    }
  }
  source = at
  pending = bits & (((1 as u64) << held) - 1)
  pendingBits = held
  while (true) {
    refill()
    const entry = load<u32>(TABLE + ((pending & MASK) as usize) * 4)
    const length = entry >> 16
    if (length > pendingBits) return 0
    take(length)
    const symbol = entry & 0xffff
    if (symbol == END) break
    if (to >= end) return 0
    store<u8>(to++, symbol as u8)
  }
  unread()
  return to
}

/** Gives whole bytes back, so that the end of the stream can be seen. */
function unread(): void {
  source -= pendingBits >> 3
  pendingBits &= 7
  pending &= ((1 as u64) << pendingBits) - 1
}
