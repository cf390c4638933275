// AssemblyScript: see build.mjs.
// Huffman's codes as deflate has them: RFC 1951, 3.2.
/** Longer codes would save less than 0.1 % of weights, and their tables take longer to make than a plane takes to inflate. */
export const BITS: u32 = 10
/** 256 literals, and the end of the block. */
export const SYMBOLS: u32 = 257
export const END: u32 = 256
export const LENGTH_SYMBOLS: u32 = 19
export const LENGTH_BITS: u32 = 7

export const FREQUENCIES: usize = memory.data(320 * 4, 16)
export const LENGTHS: usize = memory.data(320 + 64, 16)
/** Per symbol: its code in the order it is written, and its length from bit 16. */
export const CODES: usize = memory.data(320 * 4, 16)
/** The order in which a block gives the lengths of the code of lengths. */
export const ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])

const SORTED: usize = memory.data(320 * 4, 16)
const NODES: usize = memory.data(2 * 320 * 4, 16)
const PARENTS: usize = memory.data(2 * 320 * 4, 16)
const PER_LENGTH: usize = memory.data(17 * 4, 16)
const NEXT_CODE: usize = memory.data(17 * 4, 16)

/** Code lengths of at most `most` bits for the symbols in FREQUENCIES, by Huffman's method with two queues. */
export function makeLengths(symbols: u32, most: u32): void {
  memory.fill(LENGTHS, 0, symbols)
  let leaves: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const frequency = load<u32>(FREQUENCIES + symbol * 4)
    if (frequency != 0) store<u32>(SORTED + leaves++ * 4, (frequency << 9) | symbol)
  }
  if (leaves == 1) {
    // A code of one symbol still takes a bit; the other is never used.
    const only = load<u32>(SORTED) & 511
    store<u8>(LENGTHS + only, 1)
    store<u8>(LENGTHS + (only == 0 ? 1 : 0), 1)
    return
  }
  sort(leaves)
  for (let i: u32 = 0; i < leaves; i++) store<u32>(NODES + i * 4, load<u32>(SORTED + i * 4) >> 9)
  let leaf: u32 = 0
  let inner: u32 = leaves
  const last: u32 = 2 * leaves - 2
  for (let made: u32 = leaves; made <= last; made++) {
    let sum: u32 = 0
    for (let side = 0; side < 2; side++) {
      const takeLeaf =
        leaf < leaves && (inner >= made || load<u32>(NODES + leaf * 4) <= load<u32>(NODES + inner * 4))
      const taken = takeLeaf ? leaf++ : inner++
      sum += load<u32>(NODES + taken * 4)
      store<u32>(PARENTS + taken * 4, made)
    }
    store<u32>(NODES + made * 4, sum)
  }
  // From here NODES holds depths.
  store<u32>(NODES + last * 4, 0)
  for (let node = last; node-- > 0; ) {
    store<u32>(NODES + node * 4, load<u32>(NODES + load<u32>(PARENTS + node * 4) * 4) + 1)
  }
  limit(leaves, most)
  for (let i: u32 = 0; i < leaves; i++) {
    store<u8>(LENGTHS + (load<u32>(SORTED + i * 4) & 511), load<u32>(NODES + i * 4) as u8)
  }
}

/** Rarest first; there are at most 257, in shells. */
function sort(count: u32): void {
  for (let gap: u32 = 132; gap > 0; gap = gap == 132 ? 57 : gap == 57 ? 23 : gap == 23 ? 10 : gap == 10 ? 4 : gap == 4 ? 1 : 0) {
    for (let i = gap; i < count; i++) {
      const value = load<u32>(SORTED + i * 4)
      let at = i
      for (; at >= gap && load<u32>(SORTED + (at - gap) * 4) > value; at -= gap) {
        store<u32>(SORTED + at * 4, load<u32>(SORTED + (at - gap) * 4))
      }
      store<u32>(SORTED + at * 4, value)
    }
  }
}

/** Shortens depths to `most`, and lengthens others, rarest first, until the code is a code again. */
function limit(leaves: u32, most: u32): void {
  let room: i32 = 1 << most
  for (let i: u32 = 0; i < leaves; i++) {
    const at = NODES + i * 4
    if (load<u32>(at) > most) store<u32>(at, most)
    room -= 1 << (most - load<u32>(at))
  }
  for (let i: u32 = 0; room < 0; i = i + 1 == leaves ? 0 : i + 1) {
    const at = NODES + i * 4
    const depth = load<u32>(at)
    if (depth == most) continue
    room += 1 << (most - depth - 1)
    store<u32>(at, depth + 1)
  }
  // What was freed too much goes to the most frequent that fit, so that no code stays unused: readers refuse that.
  while (room > 0) {
    for (let i = leaves; i-- > 0 && room > 0; ) {
      const at = NODES + i * 4
      const cost = 1 << (most - load<u32>(at))
      if (cost > room || load<u32>(at) == 1) continue
      room -= cost
      store<u32>(at, load<u32>(at) - 1)
    }
  }
}

/** Canonical codes from LENGTHS, bits reversed: deflate writes a code's first bit first, and everything else from the lowest bit. */
export function makeCodes(symbols: u32): void {
  memory.fill(PER_LENGTH, 0, 17 * 4)
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const at = PER_LENGTH + (load<u8>(LENGTHS + symbol) as usize) * 4
    store<u32>(at, load<u32>(at) + 1)
  }
  store<u32>(PER_LENGTH, 0)
  let code: u32 = 0
  for (let length: usize = 1; length <= 15; length++) {
    code = (code + load<u32>(PER_LENGTH + (length - 1) * 4)) << 1
    store<u32>(NEXT_CODE + length * 4, code)
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const length: u32 = load<u8>(LENGTHS + symbol)
    if (length == 0) {
      store<u32>(CODES + symbol * 4, 0)
      continue
    }
    const at = NEXT_CODE + (length as usize) * 4
    const next = load<u32>(at)
    store<u32>(at, next + 1)
    store<u32>(CODES + symbol * 4, reverse(next, length) | (length << 16))
  }
}

function reverse(code: u32, length: u32): u32 {
  let v = ((code >> 1) & 0x5555) | ((code & 0x5555) << 1)
  v = ((v >> 2) & 0x3333) | ((v & 0x3333) << 2)
  v = ((v >> 4) & 0x0f0f) | ((v & 0x0f0f) << 4)
  v = ((v >> 8) & 0x00ff) | ((v & 0x00ff) << 8)
  return v >> (16 - length)
}
