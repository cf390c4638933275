/** Planes of the largest stride: a sample counts byte `i` of a chunk in histogram `i % 8`. */
const PHASES = 8
const SYMBOLS = 256

/** A sample is that many windows at most, spread evenly. */
const WINDOWS = 64
const WINDOW_BYTES = 64

/** Bits a byte from which a plane is not worth coding. */
export const NOISE = 7.5

/** Histograms of the planes of stride 2^n, one after another. */
const histograms = [1, 2, 4, 8].map((stride) => new Int32Array(stride * SYMBOLS))
const entropies = [1, 2, 4, 8].map((stride) => new Float64Array(stride))

/** c × log2(c) for every count that can occur. */
const weights = Float64Array.from({ length: WINDOWS * WINDOW_BYTES + 1 }, (_, c) => (c === 0 ? 0 : c * Math.log2(c)))

/**
 * Estimated entropies in bits a byte: element `n` holds those of the planes of stride 2^n. Undefined where all is noise. Valid until the
 * next call.
 */
export function sampleEntropies(raw: Uint8Array): readonly Float64Array[] | undefined {
  countPhases(raw, histograms[3]!)
  estimate(3)
  if (entropies[3]!.every((bits) => bits > NOISE)) return undefined
  for (let n = 2; n >= 0; n--) {
    const to = histograms[n]!
    const from = histograms[n + 1]!
    for (let i = 0; i < to.length; i++) to[i] = from[i]! + from[i + to.length]!
    estimate(n)
  }
  return entropies
}

function countPhases(raw: Uint8Array, counts: Int32Array): void {
  counts.fill(0)
  const step = Math.max(WINDOW_BYTES, Math.floor(raw.length / WINDOWS / PHASES) * PHASES)
  for (let from = 0, window = 0; from < raw.length && window < WINDOWS; from += step, window++) {
    const to = Math.min(from + WINDOW_BYTES, raw.length)
    for (let i = from; i < to; i++) counts[((i & (PHASES - 1)) << 8) | raw[i]!]!++
  }
}

/** Entropies of the planes of stride 2^n, with Miller and Madow's correction for the small sample. */
function estimate(n: number): void {
  const counts = histograms[n]!
  const to = entropies[n]!
  const terms = weights
  for (let plane = 0; plane < to.length; plane++) {
    let total = 0
    let seen = 0
    let sum = 0
    for (let i = plane * SYMBOLS, end = i + SYMBOLS; i < end; i++) {
      const count = counts[i]!
      total += count
      seen += count === 0 ? 0 : 1
      sum += terms[count]!
    }
    to[plane] = total === 0 ? 0 : Math.min(8, Math.log2(total) - sum / total + (seen - 1) / (2 * total * Math.LN2))
  }
}

const REPEAT_BYTES = 2048
const REPEAT_BITS = 12
const lastSeen = new Uint16Array(1 << REPEAT_BITS)

/** Which part of the positions in the chunk's middle start four bytes that were seen shortly before: about 0 in weights, above 0.2 in text. */
export function repeatRate(raw: Uint8Array): number {
  const from = Math.max(0, (raw.length - REPEAT_BYTES) >> 1)
  const length = Math.min(REPEAT_BYTES, raw.length) - 3
  if (length <= 0) return 0
  const seen = lastSeen.fill(0)
  let repeats = 0
  for (let i = 0; i < length; i++) {
    const at = from + i
    const word = raw[at]! | (raw[at + 1]! << 8) | (raw[at + 2]! << 16) | (raw[at + 3]! << 24)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - REPEAT_BITS)
    const before = seen[slot]! - 1 + from
    seen[slot] = i + 1
    if (before < from) continue
    if (
      raw[before] === raw[at] &&
      raw[before + 1] === raw[at + 1] &&
      raw[before + 2] === raw[at + 2] &&
      raw[before + 3] === raw[at + 3]
    ) {
      repeats++
    }
  }
  return repeats / length
}
