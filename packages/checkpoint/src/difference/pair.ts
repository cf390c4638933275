import type { Tensor } from '../model-file.ts'
import { componentsOf, type Numbers } from '../statistics/numbers.ts'
import { alignedTo } from '../view/aligned.ts'
import { type Box, boxesOf } from '../view/box.ts'
import { type Range, readBox, type Scratch } from '../view/read.ts'
import { elementsOf, type View } from '../view/view.ts'

/** One of two tensors of one shape. Survives structured cloning. */
export interface PairSide {
  readonly view: View
  readonly dtype: string
  /** Of a quantized one: what is stored stands for `(number − zeroPoint) × scale`. */
  readonly scale?: number
  readonly zeroPoint?: number
}

export interface Pair {
  readonly before: PairSide
  readonly after: PairSide
}

/** How far two tensors are from each other, taken as long vectors; complex numbers as two components each. */
export interface Distance {
  /** ‖after − before‖ ÷ ‖before‖; undefined where that divides by zero. */
  readonly relativeL2?: number
  readonly maxDelta: number
  /** Undefined where one of them is zero. */
  readonly cosine?: number
  /** Places where one is not finite: they are left out. Those where both are the same are not counted. */
  readonly skipped: number
}

/** A range of the storage of one of the two. */
export type SideRange = Range & { readonly side: keyof Pair }

const BLOCK = 4096
/** Elements at once where both are contiguous, and where one is not. */
const NEAR = 1 << 15
const FAR = 1 << 20

/** Can these two be compared number by number? Of what is quantized by channels the scales are tensors of their own, which nobody reads here. */
export function isComparable(before: Quantized, after: Quantized): boolean {
  const [one, other] = [before.dtype, after.dtype]
  return (
    componentsOf(one) !== undefined &&
    componentsOf(other) !== undefined &&
    isComplex(one) === isComplex(other) &&
    [before, after].every(({ quantization }) => quantization === undefined || quantization.scale !== undefined)
  )
}

type Quantized = Pick<Tensor, 'dtype' | 'quantization'>

export function pairSide({ dtype, quantization }: Quantized, view: View): PairSide {
  const { scale, zeroPoint = 0 } = quantization ?? {}
  return { view, dtype, ...(scale === undefined ? {} : { scale, zeroPoint }) }
}

/** Asks for ranges of both storages, block by block, and is driven by whoever has the bytes. */
export function* measurePair(
  pair: Pair,
  scratch: Record<keyof Pair, Scratch>,
): Generator<SideRange, Distance, Uint8Array> {
  const sums = newSums()
  const { before, after } = pair
  const [numbersBefore, numbersAfter] = [componentsOf(before.dtype)!, componentsOf(after.dtype)!]
  const components = isComplex(before.dtype) ? 2 : 1
  // A model may have a hundred thousand tensors of a few elements.
  const room = Math.min(BLOCK, elementsOf(before.view) * components)
  const blocks: Blocks = { before: new Float64Array(room), after: new Float64Array(room) }
  for (const box of commonBoxes(before.view, after.view)) {
    const read = yield* readSide('before', before.view, box, scratch)
    // What a source gave is valid until the next read, what was gathered stays.
    const one = before.view.strides === undefined ? new Uint8Array(read) : alignedTo(read, 8)
    const other = alignedTo(yield* readSide('after', after.view, box, scratch), 8)
    const count = box.elements * components
    for (let from = 0; from < count; from += BLOCK) {
      const to = Math.min(from + BLOCK, count)
      decode(before, numbersBefore, one, from, to, blocks.before)
      decode(after, numbersAfter, other, from, to, blocks.after)
      addBlock(sums, blocks, to - from)
    }
  }
  return distanceOf(sums)
}

function isComplex(dtype: string): boolean {
  return dtype.includes('complex')
}

function* commonBoxes(one: View, other: View): Generator<Box> {
  const isNear = one.strides === undefined && other.strides === undefined
  if (isNear) yield* boxesOf([elementsOf(one)], NEAR)
  else yield* boxesOf(one.shape, FAR)
}

function* readSide(
  side: keyof Pair,
  view: View,
  box: Box,
  scratch: Record<keyof Pair, Scratch>,
): Generator<SideRange, Uint8Array, Uint8Array> {
  const reading = readBox(view, box, scratch[side])
  let step = reading.next()
  while (step.done !== true) step = reading.next(yield { side, ...step.value })
  return step.value
}

interface Blocks {
  readonly before: Float64Array
  readonly after: Float64Array
}

function decode(
  { scale, zeroPoint = 0 }: PairSide,
  numbers: Numbers,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Float64Array,
): void {
  numbers.decode(bytes, from, to, out)
  if (scale !== undefined) for (let i = 0; i < to - from; i++) out[i] = (out[i]! - zeroPoint) * scale
}

interface Sums {
  difference: number
  before: number
  after: number
  product: number
  max: number
  skipped: number
}

function newSums(): Sums {
  return { difference: 0, before: 0, after: 0, product: 0, max: 0, skipped: 0 }
}

function addBlock(sums: Sums, { before, after }: Blocks, count: number): void {
  let difference = 0
  let one = 0
  let other = 0
  let product = 0
  let max = 0
  for (let i = 0; i < count; i++) {
    const a = before[i]!
    const b = after[i]!
    const delta = b - a
    difference += delta * delta
    one += a * a
    other += b * b
    product += a * b
    max = Math.max(max, Math.abs(delta))
  }
  // One number that is not finite spoils them all.
  if (!Number.isFinite(difference + one + other + product + max) && dropInfinite(sums, before, after, count)) {
    addBlock(sums, { before, after }, count)
    return
  }
  sums.difference += difference
  sums.before += one
  sums.after += other
  sums.product += product
  sums.max = Math.max(sums.max, max)
}

/** Makes zeros of pairs with a number that is not finite. False where there is none: then sums are too large for a double. */
function dropInfinite(sums: Sums, before: Float64Array, after: Float64Array, count: number): boolean {
  let found = false
  for (let i = 0; i < count; i++) {
    if (Number.isFinite(before[i]) && Number.isFinite(after[i])) continue
    if (!Object.is(before[i], after[i])) sums.skipped++
    before[i] = 0
    after[i] = 0
    found = true
  }
  return found
}

function distanceOf({ difference, before, after, product, max, skipped }: Sums): Distance {
  const length = Math.sqrt(before) * Math.sqrt(after)
  return {
    ...(before > 0 ? { relativeL2: Math.sqrt(difference / before) } : {}),
    maxDelta: max,
    ...(length > 0 ? { cosine: Math.max(-1, Math.min(1, product / length)) } : {}),
    skipped,
  }
}
