/** Phases of the largest stride: a sample counts byte `i` of a chunk in histogram `i % 8`. */
const PHASES = 8
const SYMBOLS = 256

/** A sample is that many windows at most, spread evenly. */
const WINDOWS = 64
const WINDOW_BYTES = 64

const counts = new Uint16Array(PHASES * SYMBOLS)
const merged = new Uint16Array(SYMBOLS)

/** c × log2(c) for every count that can occur. */
const weights = Float64Array.from({ length: WINDOWS * WINDOW_BYTES + 1 }, (_, c) => (c === 0 ? 0 : c * Math.log2(c)))

/** Estimated entropies in bits a byte: `entropies[n]` of the planes of stride 2^n. */
export type Entropies = readonly [Float64Array, Float64Array, Float64Array, Float64Array]

/** Counts a sample of the chunk and returns the entropies of all planes of all strides. Valid until the next call. */
export function sampleEntropies(raw: Uint8Array): Entropies {
  counts.fill(0)
  const step = Math.max(WINDOW_BYTES, Math.floor(raw.length / WINDOWS / PHASES) * PHASES)
  for (let from = 0; from < raw.length; from += step) {
    const to = Math.min(from + WINDOW_BYTES, raw.length)
    if (from / step >= WINDOWS) break
    for (let i = from; i < to; i++) counts[((i & (PHASES - 1)) << 8) | raw[i]!]!++
  }
  for (let log2 = 3; log2 >= 0; log2--) {
    const stride = 1 << log2
    for (let plane = 0; plane < stride; plane++) entropies[log2]![plane] = entropyOf(plane, stride)
  }
  return entropies
}

const entropies: Entropies = [new Float64Array(1), new Float64Array(2), new Float64Array(4), new Float64Array(8)]

/** Entropy of the phases that make one plane, with Miller and Madow's correction for the small sample. */
function entropyOf(plane: number, stride: number): number {
  merged.set(counts.subarray(plane * SYMBOLS, (plane + 1) * SYMBOLS))
  for (let phase = plane + stride; phase < PHASES; phase += stride) {
    const from = phase * SYMBOLS
    for (let i = 0; i < SYMBOLS; i++) merged[i]! += counts[from + i]!
  }
  let total = 0
  let seen = 0
  let sum = 0
  for (let i = 0; i < SYMBOLS; i++) {
    const count = merged[i]!
    if (count === 0) continue
    total += count
    seen++
    sum += weights[count]!
  }
  if (total === 0) return 0
  return Math.min(8, Math.log2(total) - sum / total + (seen - 1) / (2 * total * Math.LN2))
}

const REPEAT_BYTES = 2048
const REPEAT_BITS = 12
const lastSeen = new Uint16Array(1 << REPEAT_BITS)

/** Which part of the positions in the chunk's middle start four bytes that were seen shortly before: about 0 in weights, above 0.2 in text. */
export function repeatRate(raw: Uint8Array): number {
  const from = Math.max(0, (raw.length - REPEAT_BYTES) >> 1)
  const length = Math.min(REPEAT_BYTES, raw.length) - 3
  if (length <= 0) return 0
  lastSeen.fill(0)
  let repeats = 0
  for (let i = 0; i < length; i++) {
    const at = from + i
    const word = raw[at]! | (raw[at + 1]! << 8) | (raw[at + 2]! << 16) | (raw[at + 3]! << 24)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - REPEAT_BITS)
    const before = lastSeen[slot]! - 1 + from
    lastSeen[slot] = i + 1
    if (before < from) continue
    if (raw[before] === raw[at] && raw[before + 1] === raw[at + 1] && raw[before + 2] === raw[at + 2] && raw[before + 3] === raw[at + 3]) {
      repeats++
    }
  }
  return repeats / length
}
