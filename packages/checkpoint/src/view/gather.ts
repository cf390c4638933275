import { alignedTo } from './aligned.ts'
import type { Box } from './box.ts'
import type { Range } from './read.ts'
import type { View } from './view.ts'

/** A dimension of a box: how many steps, and how far each leads in the storage and in the payload, in words. */
interface Dimension {
  readonly count: number
  readonly from: number
  readonly to: number
}

interface Place {
  readonly from: number
  readonly to: number
}

/** What is read at once holds at most this much, and at most so many times what is needed: reading over a gap costs less than another read. */
const READ_BYTES = 16 << 20
const EXCESS = 4
/** Below this a read costs the same, whatever of it is needed. */
const NEAR_BYTES = 64 << 10

/**
 * Copies a box of a strided view into `out`, contiguous and row-major. It reads in the order of the storage and scatters, so that a transposed
 * matrix costs a read for each of its stored rows and not one for each element.
 */
export function* gather(
  view: View,
  strides: readonly number[],
  box: Box,
  out: Uint8Array<ArrayBuffer>,
): Generator<Range, void, Uint8Array> {
  const word = view.elementBytes % 4 === 0 ? 4 : view.elementBytes % 2 === 0 ? 2 : 1
  const origin = view.start + box.start.reduce((sum, at, i) => sum + at * strides[i]!, 0) * view.elementBytes
  const target = wordsOf(out, word)
  const dimensions = dimensionsOf(box.size, strides, view.elementBytes / word)
  for (const { place, within } of reads(dimensions, { from: 0, to: 0 }, word)) {
    const bytes = yield { offset: origin + place.from * word, length: spanOf(within) * word }
    scatter(wordsOf(bytes, word), target, within, place.to)
  }
}

/** Those that lead least far in the storage first. */
function dimensionsOf(size: readonly number[], strides: readonly number[], width: number): Dimension[] {
  const dimensions: Dimension[] = [{ count: width, from: 1, to: 1 }]
  let to = width
  for (let i = size.length - 1; i >= 0; i--) {
    if (size[i] !== 1) dimensions.push({ count: size[i]!, from: strides[i]! * width, to })
    to *= size[i]!
  }
  return dimensions.sort((a, b) => a.from - b.from)
}

/** Parts that are read at once: where each starts, and its dimensions. */
function* reads(
  dimensions: readonly Dimension[],
  place: Place,
  word: number,
): Generator<{ place: Place; within: readonly Dimension[] }> {
  if (isNear(dimensions, word)) {
    yield { place, within: dimensions }
    return
  }
  const rest = dimensions.slice(0, -1)
  const last = dimensions.at(-1)!
  const fitting = (most: number) =>
    Math.min(last.count, 1 + Math.max(0, Math.floor((most / word - spanOf(rest)) / last.from)))
  const piece = [READ_BYTES, NEAR_BYTES]
    .map(fitting)
    .find((count) => count > 1 && isNear([...rest, { ...last, count }], word))
  for (let at = 0; at < last.count; at += piece ?? 1) {
    const next = { from: place.from + at * last.from, to: place.to + at * last.to }
    if (piece === undefined) yield* reads(rest, next, word)
    else yield { place: next, within: [...rest, { ...last, count: Math.min(piece, last.count - at) }] }
  }
}

function isNear(dimensions: readonly Dimension[], word: number): boolean {
  const span = spanOf(dimensions) * word
  const needed = dimensions.reduce((product, { count }) => product * count, word)
  return dimensions.length < 2 || span <= NEAR_BYTES || (span <= READ_BYTES && span <= needed * EXCESS)
}

/** Words from the first to the last. */
function spanOf(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((sum, { count, from }) => sum + (count - 1) * from, 1)
}

type Words = Uint8Array | Uint16Array | Uint32Array

function scatter(source: Words, target: Words, dimensions: readonly Dimension[], place: number): void {
  // The longest innermost: its loop is the one without overhead.
  const longest = dimensions.reduce((best, next) => (next.count > best.count ? next : best))
  const rest = dimensions.filter((dimension) => dimension !== longest)
  for (const { from, to } of places(rest)) copyLine(source, from, target, place + to, longest)
}

/** Where all combinations of steps lead. */
function* places(dimensions: readonly Dimension[]): Generator<Place> {
  const at = dimensions.map(() => 0)
  let from = 0
  let to = 0
  for (let i = 0; ; ) {
    yield { from, to }
    for (i = 0; i < dimensions.length; i++) {
      const step = dimensions[i]!
      from += step.from
      to += step.to
      if (++at[i]! < step.count) break
      from -= step.from * step.count
      to -= step.to * step.count
      at[i] = 0
    }
    if (i === dimensions.length) return
  }
}

function copyLine(source: Words, from: number, target: Words, to: number, { count, ...step }: Dimension): void {
  for (let i = 0; i < count; i++) {
    target[to] = source[from]!
    from += step.from
    to += step.to
  }
}

function wordsOf(bytes: Uint8Array, word: number): Words {
  const { buffer, byteOffset, byteLength } = alignedTo(bytes, word)
  if (word === 4) return new Uint32Array(buffer, byteOffset, byteLength / 4)
  if (word === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2)
  return new Uint8Array(buffer, byteOffset, byteLength)
}
