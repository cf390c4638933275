/** Order of the lengths of the code that codes lengths: RFC 1951, 3.2.7. */
export const LENGTH_ORDER: readonly number[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

export const LITERALS = 256
export const END_OF_BLOCK = 256
export const LENGTH_MAX = 15

/**
 * Lengths of a prefix code for symbols of these frequencies, none longer than `limit`; 0 for a symbol that does not occur. At least one must
 * occur; a symbol alone gets a code of one bit.
 */
export function codeLengths(frequencies: Uint32Array, limit: number, lengths: Uint8Array): void {
  lengths.fill(0)
  const keys = sortKeys(frequencies)
  if (keys.length === 1) {
    lengths[keys[0]! % SYMBOLS] = 1
    return
  }
  const perLength = countLengths(keys)
  shorten(perLength, limit)
  for (let length = limit, at = 0; length > 0; length--) {
    for (let n = perLength[length]!; n > 0; n--) lengths[keys[at++]! % SYMBOLS] = length
  }
}

const SYMBOLS = 512
const sortable = new Float64Array(SYMBOLS)

/** Symbols that occur, with their frequencies, the rarest first: frequency × 512 + symbol. */
function sortKeys(frequencies: Uint32Array): Float64Array {
  let count = 0
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    const frequency = frequencies[symbol]!
    if (frequency > 0) sortable[count++] = frequency * SYMBOLS + symbol
  }
  return sortable.subarray(0, count).sort()
}

/** Huffman's algorithm with two queues: how many codes there are of each length, however long. */
function countLengths(keys: Float64Array): Uint32Array {
  const count = keys.length
  const weight = new Float64Array(2 * count - 1)
  const parent = new Uint16Array(2 * count - 1)
  for (let i = 0; i < count; i++) weight[i] = Math.floor(keys[i]! / SYMBOLS)
  let leaf = 0
  let inner = count
  for (let next = count; next < weight.length; next++) {
    for (let k = 0; k < 2; k++) {
      const least = leaf < count && (inner >= next || weight[leaf]! <= weight[inner]!) ? leaf++ : inner++
      weight[next]! += weight[least]!
      parent[least] = next
    }
  }
  const depth = new Uint16Array(weight.length)
  const perLength = new Uint32Array(Math.max(count, 64))
  for (let i = weight.length - 2; i >= 0; i--) {
    depth[i] = depth[parent[i]!]! + 1
    if (i < count) perLength[depth[i]!]!++
  }
  return perLength
}

/** Makes codes longer than `limit` that long, and others longer until a prefix code exists again. */
function shorten(perLength: Uint32Array, limit: number): void {
  for (let length = limit + 1; length < perLength.length; length++) {
    perLength[limit]! += perLength[length]!
    perLength[length] = 0
  }
  let room = 0
  for (let length = 1; length <= limit; length++) room += perLength[length]! * 2 ** (limit - length)
  for (; room > 2 ** limit; room--) {
    perLength[limit]!--
    let length = limit - 1
    while (perLength[length] === 0) length--
    perLength[length]!--
    perLength[length + 1]! += 2
  }
}

/** The first code of each length, from RFC 1951, 3.2.2. */
export function firstCodes(lengths: Uint8Array): Uint32Array {
  const perLength = new Uint32Array(LENGTH_MAX + 2)
  for (const length of lengths) if (length > 0) perLength[length + 1]!++
  const next = new Uint32Array(LENGTH_MAX + 1)
  for (let length = 1; length <= LENGTH_MAX; length++) next[length] = (next[length - 1]! + perLength[length]!) << 1
  return next
}

/** Deflate writes the bits of a code the highest first, into bytes that fill from the lowest. */
export function reverseBits(code: number, length: number): number {
  let reversed = 0
  for (let i = 0; i < length; i++) reversed |= ((code >>> i) & 1) << (length - 1 - i)
  return reversed
}
