// AssemblyScript: see build.mjs.
import { BITS, CODES, END, FREQUENCIES, LENGTH_BITS, LENGTH_SYMBOLS, LENGTHS, makeCodes, makeLengths, ORDER, SYMBOLS } from './code'

/** Four histograms: neighbours are often the same byte, and each count would wait for the one before. */
const COUNTS: usize = memory.data(4 * 256 * 4, 16)
/** The code of literals, while that of lengths is made. */
const LITERAL_CODES: usize = memory.data(320 * 4, 16)
/** The lengths of the codes in run-length form: symbol, and extra bits from bit 8. */
const RUNS: usize = memory.data(320 * 4, 16)

/**
 * Raw deflate of `length` bytes at `from`, one block without matches, to `to`. Returns its length, or 0 where it would not be below `length`.
 */
export function deflate(from: usize, length: u32, to: usize): u32 {
  countBytes(from, length)
  store<u32>(FREQUENCIES, 1, END * 4)
  makeLengths(SYMBOLS, BITS)
  let bits: u64 = 0
  for (let symbol: u32 = 0; symbol < SYMBOLS; symbol++) {
    bits += (load<u32>(FREQUENCIES + symbol * 4) as u64) * load<u8>(LENGTHS + symbol)
  }
  // The header takes some 60 bytes and never more than 200: whoever has no room for that has nothing to gain.
  if ((bits >> 3) + 200 >= (length as u64)) return 0
  makeCodes(SYMBOLS)
  const writer = writeHeader(to)
  return writeSymbols(from, length, writer, to)
}

function countBytes(from: usize, length: u32): void {
  memory.fill(COUNTS, 0, 4 * 256 * 4)
  let i: u32 = 0
  for (; i + 8 <= length; i += 8) {
    const word = load<u64>(from + i)
    count(0, word)
    count(1, word >> 8)
    count(2, word >> 16)
    count(3, word >> 24)
    count(0, word >> 32)
    count(1, word >> 40)
    count(2, word >> 48)
    count(3, word >> 56)
  }
  for (; i < length; i++) count(0, load<u8>(from + i))
  for (let symbol: usize = 0; symbol < 256 * 4; symbol += 4) {
    const at = COUNTS + symbol
    store<u32>(
      FREQUENCIES + symbol,
      load<u32>(at) + load<u32>(at, 1024) + load<u32>(at, 2048) + load<u32>(at, 3072),
    )
  }
}

// @ts-ignore: decorator
@inline
function count(table: usize, byte: u64): void {
  const at = COUNTS + table * 1024 + ((byte & 255) as usize) * 4
  store<u32>(at, load<u32>(at) + 1)
}

/** Bits that are not written yet. */
let pending: u64 = 0
let pendingBits: u32 = 0

// @ts-ignore: decorator
@inline
function put(to: usize, value: u32, bits: u32): usize {
  pending |= (value as u64) << pendingBits
  pendingBits += bits
  store<u64>(to, pending)
  const bytes = pendingBits >> 3
  pending >>= bytes << 3
  pendingBits &= 7
  return to + bytes
}

/** The block's header with the lengths of CODES; the code of these lengths replaces LENGTHS. Returns where the next byte goes. */
function writeHeader(to: usize): usize {
  pending = 0
  pendingBits = 0
  // 257 lengths of literals, and one of distances, which is zero: there are none.
  store<u8>(LENGTHS + SYMBOLS, 0)
  const runs = runLengths(SYMBOLS + 1)
  memory.fill(FREQUENCIES, 0, LENGTH_SYMBOLS * 4)
  for (let i: u32 = 0; i < runs; i++) {
    const at = FREQUENCIES + (load<u32>(RUNS + i * 4) & 255) * 4
    store<u32>(at, load<u32>(at) + 1)
  }
  memory.copy(LITERAL_CODES, CODES, SYMBOLS * 4)
  makeLengths(LENGTH_SYMBOLS, LENGTH_BITS)
  makeCodes(LENGTH_SYMBOLS)
  let given: u32 = LENGTH_SYMBOLS
  while (given > 4 && load<u8>(LENGTHS + load<u8>(ORDER + given - 1)) == 0) given--
  to = put(to, 1 | (2 << 1), 3)
  to = put(to, 0, 5)
  to = put(to, 0, 5)
  to = put(to, given - 4, 4)
  for (let i: u32 = 0; i < given; i++) to = put(to, load<u8>(LENGTHS + load<u8>(ORDER + i)), 3)
  for (let i: u32 = 0; i < runs; i++) {
    const run = load<u32>(RUNS + i * 4)
    const symbol = run & 255
    const code = load<u32>(CODES + symbol * 4)
    to = put(to, code & 0xffff, code >> 16)
    if (symbol >= 16) to = put(to, run >> 8, symbol == 16 ? 2 : symbol == 17 ? 3 : 7)
  }
  memory.copy(CODES, LITERAL_CODES, SYMBOLS * 4)
  return to
}

/** RFC 1951, 3.2.7: 16 repeats the length before 3 to 6 times, 17 and 18 are 3 to 10 and 11 to 138 zeros. */
function runLengths(count: u32): u32 {
  let runs: u32 = 0
  for (let i: u32 = 0; i < count; ) {
    const length: u32 = load<u8>(LENGTHS + i)
    let end = i + 1
    while (end < count && load<u8>(LENGTHS + end) == (length as u8)) end++
    let left = end - i
    i = end
    if (length == 0) {
      while (left >= 11) {
        const run = left < 138 ? left : 138
        store<u32>(RUNS + runs++ * 4, 18 | ((run - 11) << 8))
        left -= run
      }
      if (left >= 3) {
        store<u32>(RUNS + runs++ * 4, 17 | ((left - 3) << 8))
        left = 0
      }
    } else {
      store<u32>(RUNS + runs++ * 4, length)
      left--
      while (left >= 3) {
        const run = left < 6 ? left : 6
        store<u32>(RUNS + runs++ * 4, 16 | ((run - 3) << 8))
        left -= run
      }
    }
    while (left-- > 0) store<u32>(RUNS + runs++ * 4, length)
  }
  return runs
}

function writeSymbols(from: usize, length: u32, to: usize, start: usize): u32 {
  let bits = pending
  let held = pendingBits
  const end = from + length
  for (; from + 4 <= end; from += 4) {
    // 7 bits and four codes of `BITS` fit in 64.
    const a = load<u32>(CODES + (load<u8>(from) as usize) * 4)
    const b = load<u32>(CODES + (load<u8>(from, 1) as usize) * 4)
    const c = load<u32>(CODES + (load<u8>(from, 2) as usize) * 4)
    const d = load<u32>(CODES + (load<u8>(from, 3) as usize) * 4)
    const ab = (a & 0xffff) | ((b & 0xffff) << (a >> 16))
    const cd = (c & 0xffff) | ((d & 0xffff) << (c >> 16))
    const abBits = (a >> 16) + (b >> 16)
    bits |= ((ab as u64) | ((cd as u64) << abBits)) << held
    held += abBits + (c >> 16) + (d >> 16)
    store<u64>(to, bits)
    const bytes = held >> 3
    to += bytes
    bits >>= bytes << 3
    held &= 7
  }
  pending = bits
  pendingBits = held
  for (; from < end; from++) {
    const code = load<u32>(CODES + (load<u8>(from) as usize) * 4)
    to = put(to, code & 0xffff, code >> 16)
  }
  const code = load<u32>(CODES + END * 4)
  to = put(to, code & 0xffff, code >> 16)
  if (pendingBits > 0) to++
  return (to - start) as u32
}
