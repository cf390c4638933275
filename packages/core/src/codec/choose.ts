import { deflateText } from './deflate.ts'
import { NOISE, repeatRate, sampleEntropies } from './sample.ts'
import { DEFLATE, PLANES, RAW, STRIDES_LOG2_MAX } from './scheme.ts'

/** Below that no header pays. */
const SMALLEST = 64

/** Fewer bytes say too little of a plane's entropy. */
const SMALLEST_PLANE = 512

/** Bits a byte below which nothing else is tried. */
const CLEARLY_PLANES = 0.5

/** Fractions of the raw size that a choice must save: over raw, and over a smaller stride. */
const WORTH_CODING = 0.02
const WORTH_STRIDE = 0.005

/** Shares of repeats from which plain deflate is tried: where planes have no stride, as in text, and where they have one. */
const REPEATS_OF_TEXT = 0.05
const REPEATS_OF_RECORDS = 0.25

/** Bytes of a trial; a whole chunk gains about a tenth more. */
const TRIAL_BYTES = 4096
const TRIAL_BONUS = 0.9

/** On CSV, level 3 stores 4 % less and takes 1.4 times as long; on prose, level 6 stores 5 % less and takes 1.6 times as long. */
export const TEXT_LEVEL = 1

export interface Choice {
  scheme: number
  /** Estimated bits a byte of each plane. */
  planes: Float64Array
}

const AS_IT_IS: Choice = { scheme: RAW, planes: new Float64Array(0) }
const AS_TEXT: Choice = { scheme: DEFLATE, planes: new Float64Array(0) }

/** Guesses the best scheme for a chunk, which is loaded, from samples of it. */
export function chooseScheme(raw: Uint8Array): Choice {
  const entropies = raw.length < SMALLEST ? undefined : sampleEntropies(raw.length)
  if (entropies === undefined) return AS_IT_IS
  let best = 8
  let choice = AS_IT_IS
  for (let log2 = 0; log2 <= STRIDES_LOG2_MAX && raw.length >> log2 >= SMALLEST_PLANE; log2++) {
    const planes = entropies[log2]!
    const bits = costOf(planes)
    if (bits >= best - 8 * (choice === AS_IT_IS ? WORTH_CODING : WORTH_STRIDE)) continue
    best = bits
    choice = { scheme: PLANES + log2, planes }
  }
  if (raw.length > TRIAL_BYTES && !looksLikeText(raw, choice, best)) return choice
  return trialBits(raw) * TRIAL_BONUS < best ? AS_TEXT : choice
}

function looksLikeText(raw: Uint8Array, { planes }: Choice, best: number): boolean {
  if (planes.length === 0 || best < CLEARLY_PLANES) return false
  return repeatRate(raw.length) >= (planes.length === 1 ? REPEATS_OF_TEXT : REPEATS_OF_RECORDS)
}

/** Bits a byte over all planes. */
function costOf(planes: Float64Array): number {
  let sum = 0
  for (const bits of planes) sum += bits > NOISE ? 8 : bits
  return sum / planes.length
}

function trialBits(raw: Uint8Array): number {
  const from = Math.max(0, (raw.length - TRIAL_BYTES) >> 1)
  const sample = raw.subarray(from, from + TRIAL_BYTES)
  return (deflateText(sample, TEXT_LEVEL).length * 8) / sample.length
}
