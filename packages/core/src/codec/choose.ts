import { deflateText } from './deflate.ts'
import { repeatRate, sampleEntropies } from './sample.ts'
import { DEFLATE, PLANES, RAW, STRIDES_LOG2_MAX } from './scheme.ts'

/** Bits a byte from which a plane is not worth coding. */
export const PLANE_NOISE = 7.5

/** Fractions of the raw size that a choice must save: over raw, and over a smaller stride. */
const WORTH_CODING = 0.02
const WORTH_STRIDE = 0.005

/** Share of repeats from which plain deflate is tried on `TRIAL_BYTES`; a whole chunk gains about a tenth more than the trial. */
const REPEATS_TRIED = 0.05
const TRIAL_BYTES = 4096
const TRIAL_BONUS = 0.9

export const TEXT_LEVEL = 1

export interface Choice {
  scheme: number
  /** Estimated bits a byte of each plane. */
  planes: Float64Array
}

const NO_PLANES = new Float64Array(0)

/** Guesses the best scheme for a chunk from samples of it. */
export function chooseScheme(raw: Uint8Array): Choice {
  if (raw.length < 64) return { scheme: RAW, planes: NO_PLANES }
  const entropies = sampleEntropies(raw)
  let best = 8
  let choice: Choice = { scheme: RAW, planes: NO_PLANES }
  for (let log2 = 0; log2 <= STRIDES_LOG2_MAX; log2++) {
    const planes = entropies[log2]!
    const bits = costOf(planes)
    if (bits >= best - 8 * (choice.scheme === RAW ? WORTH_CODING : WORTH_STRIDE)) continue
    best = bits
    choice = { scheme: PLANES + log2, planes }
  }
  if (choice.scheme === RAW || best < 0.5 || repeatRate(raw) < REPEATS_TRIED) return choice
  return trialBits(raw) * TRIAL_BONUS < best ? { scheme: DEFLATE, planes: NO_PLANES } : choice
}

/** Bits a byte over all planes. */
function costOf(planes: Float64Array): number {
  let sum = 0
  for (const bits of planes) sum += bits > PLANE_NOISE ? 8 : bits
  return sum / planes.length
}

function trialBits(raw: Uint8Array): number {
  const from = Math.max(0, (raw.length - TRIAL_BYTES) >> 1)
  const sample = raw.subarray(from, from + TRIAL_BYTES)
  return (deflateText(sample, TEXT_LEVEL).length * 8) / sample.length
}
