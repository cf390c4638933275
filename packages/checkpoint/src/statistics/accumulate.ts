import { alignedTo } from '../view/aligned.ts'
import { type Moments, NO_MOMENTS, unite } from './moments.ts'
import type { Numbers } from './numbers.ts'
import { countPatterns } from './patterns.ts'

/** Takes payload in pieces of whole elements; where the pieces are cut changes nothing. */
export interface Accumulator {
  take(bytes: Uint8Array): void
  finish(): Moments
}

/** Numbers at once: they stay in the first cache between the two passes over them. */
const BLOCK = 4096

/** From this many numbers of two bytes on, counting patterns is faster than looking up each. */
const MANY = 1 << 16

/**
 * Numbers of a range. Longer rows are united range by range, from the first to the last, so that those who share the work come to the same
 * result, to the last bit, as one who does it alone.
 */
export const RANGE = 1 << 23

/** Arrays that one accumulator after another works in: a model has thousands of tensors. */
export interface Workspace {
  block?: Float64Array
  counts?: Uint32Array
}

/** Of so many numbers. Of those that share a workspace, one is used at a time. */
export function createAccumulator(numbers: Numbers, elements: number, workspace: Workspace = {}): Accumulator {
  let left = elements
  let total = NO_MOMENTS
  let room = Math.min(left, RANGE)
  let range = accumulatorOfRange(numbers, room, workspace)
  return {
    take(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const taken = Math.min(bytes.length - at, room * numbers.bytes)
        range.take(bytes.subarray(at, at + taken))
        at += taken
        room -= taken / numbers.bytes
        if (room > 0 || at === bytes.length) continue
        total = unite(total, range.finish())
        left -= RANGE
        room = Math.min(left, RANGE)
        range = accumulatorOfRange(numbers, room, workspace)
      }
    },
    finish: () => unite(total, range.finish()),
  }
}

function accumulatorOfRange(numbers: Numbers, elements: number, workspace: Workspace): Accumulator {
  const { table, bytes } = numbers
  if (table === undefined || (bytes === 2 && elements < MANY)) {
    return addBlocks(numbers, (workspace.block ??= new Float64Array(BLOCK)))
  }
  const counts = (workspace.counts ??= new Uint32Array(1 << 16)).subarray(0, 1 << (8 * bytes)).fill(0)
  return countPatterns(bytes, table(), counts)
}

function addBlocks(numbers: Numbers, block: Float64Array): Accumulator {
  let filled = 0
  let total = NO_MOMENTS
  return {
    take(given) {
      const bytes = alignedTo(given, 8)
      const count = bytes.length / numbers.bytes
      for (let at = 0; at < count; ) {
        const taken = Math.min(BLOCK - filled, count - at)
        numbers.decode(bytes, at, at + taken, filled === 0 ? block : block.subarray(filled))
        at += taken
        filled += taken
        if (filled < BLOCK) return
        total = unite(total, momentsOf(block, BLOCK))
        filled = 0
      }
    },
    finish: () => (filled === 0 ? total : unite(total, momentsOf(block, filled))),
  }
}

/** Of the first `count` of `values`, which are reordered where some are not finite. */
export function momentsOf(values: Float64Array, count: number): Moments {
  const sum = sumOf(values, count)
  if (Number.isFinite(sum)) return finiteMoments(values, count, sum)
  let finite = 0
  let infinite = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    if (Number.isFinite(value)) values[finite++] = value
    else if (!Number.isNaN(value)) {
      infinite++
      min = Math.min(min, value)
      max = Math.max(max, value)
    }
  }
  const rest = finite === 0 ? NO_MOMENTS : finiteMoments(values, finite, sumOf(values, finite))
  return {
    ...rest,
    min: Math.min(rest.min, min),
    max: Math.max(rest.max, max),
    infinite,
    nan: count - finite - infinite,
  }
}

/** Four sums side by side: each addition need not wait for the one before. */
function sumOf(values: Float64Array, count: number): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = 0
  for (; i + 3 < count; i += 4) {
    a += values[i]!
    b += values[i + 1]!
    c += values[i + 2]!
    d += values[i + 3]!
  }
  for (; i < count; i++) a += values[i]!
  return a + b + (c + d)
}

function finiteMoments(values: Float64Array, count: number, sum: number): Moments {
  const mean = sum / count
  let a = 0
  let b = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let otherMin = min
  let otherMax = max
  let i = 0
  for (; i + 1 < count; i += 2) {
    const one = values[i]!
    const other = values[i + 1]!
    min = Math.min(min, one)
    otherMin = Math.min(otherMin, other)
    max = Math.max(max, one)
    otherMax = Math.max(otherMax, other)
    a += (one - mean) * (one - mean)
    b += (other - mean) * (other - mean)
  }
  if (i < count) {
    const last = values[i]!
    min = Math.min(min, last)
    max = Math.max(max, last)
    a += (last - mean) * (last - mean)
  }
  return {
    ...NO_MOMENTS,
    finite: count,
    sum,
    squares: a + b,
    min: Math.min(min, otherMin),
    max: Math.max(max, otherMax),
  }
}
