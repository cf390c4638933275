import { alignedTo } from '../view/aligned.ts'
import type { Accumulator } from './accumulate.ts'
import { type Moments, NO_MOMENTS, rounded } from './moments.ts'

/** Of numbers of one or two bytes: how often each pattern occurs says all. */
export function countPatterns(width: number, values: Float64Array, counts: Uint32Array): Accumulator {
  return {
    take(bytes) {
      if (width === 1) count8(bytes, counts)
      else count16(alignedTo(bytes, 2), counts)
    },
    finish: () => weightedMoments(values, counts),
  }
}

function count8(bytes: Uint8Array, counts: Uint32Array): void {
  for (let i = 0; i < bytes.length; i++) counts[bytes[i]!]!++
}

function count16(bytes: Uint8Array, counts: Uint32Array): void {
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
  for (let i = 0; i < words.length; i++) counts[words[i]!]!++
}

function weightedMoments(values: Float64Array, counts: Uint32Array): Moments {
  let { finite, sum, lost, min, max, nan, infinite } = NO_MOMENTS
  for (let i = 0; i < values.length; i++) {
    const count = counts[i]!
    if (count === 0) continue
    const value = values[i]!
    if (Number.isNaN(value)) {
      nan += count
      continue
    }
    min = Math.min(min, value)
    max = Math.max(max, value)
    if (!Number.isFinite(value)) {
      infinite += count
      continue
    }
    const next = sum + value * count
    lost += rounded(sum, value * count, next)
    sum = next
    finite += count
  }
  const mean = (sum + lost) / finite
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    if (counts[i] !== 0 && Number.isFinite(values[i])) squares += (values[i]! - mean) ** 2 * counts[i]!
  }
  return { finite, sum, lost, squares, min, max, nan, infinite }
}
