import type { CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import { type Box, boxesOf } from './box.ts'
import { finish } from './finish.ts'
import { gather } from './gather.ts'
import { elementsOf, type View } from './view.ts'

/** Bytes of a storage that a read asks for. */
export interface Range {
  readonly offset: number
  readonly length: number
}

/** What reads of a strided view are put together in; used again by the next one. */
export interface Scratch {
  bytes: Uint8Array<ArrayBuffer>
}

/** A read that asks for ranges of the storage and returns a payload: driven by whoever has the bytes, now or later. */
export type Reading<T> = Generator<Range, T, Uint8Array>

/** Elements that are read at once: of contiguous views little, so that caches keep it; of others much, so that few reads meet a row. */
const NEAR_BYTES = 256 << 10
const FAR_BYTES = 16 << 20

/** The boxes that a view is read in; of a contiguous one also those of a range of its elements. */
export function* boxesOfView(view: View, range?: { readonly from: number; readonly to: number }): Generator<Box> {
  const { strides, elementBytes, shape } = view
  if (strides !== undefined) {
    yield* boxesOf(shape, FAR_BYTES / elementBytes)
    return
  }
  const { from, to } = range ?? { from: 0, to: elementsOf(view) }
  const step = Math.floor(NEAR_BYTES / elementBytes)
  for (let first = from; first < to; first += step) {
    const elements = Math.min(step, to - first)
    yield { first, elements, start: [first], size: [elements] }
  }
}

/**
 * The values of a box, contiguous, row-major and little-endian. `box` is of the view's shape, or, where the view is contiguous, of any
 * shape. What is returned is the caller's until the next read with the same scratch or of the same source, and not to be written to.
 */
export function* readBox(view: View, box: Box, scratch: Scratch): Reading<Uint8Array> {
  const { elementBytes, strides, start } = view
  const length = box.elements * elementBytes
  if (strides !== undefined) {
    const bytes = fit(scratch, length)
    yield* gather(view, strides, box, bytes)
    return finish(view, bytes)
  }
  const stored = yield { offset: start + box.first * elementBytes, length }
  if (!view.bigEndian && view.flip === undefined) return stored
  const bytes = fit(scratch, length)
  bytes.set(stored)
  return finish(view, bytes)
}

function fit(scratch: Scratch, length: number): Uint8Array<ArrayBuffer> {
  if (scratch.bytes.length < length) scratch.bytes = new Uint8Array(length)
  return scratch.bytes.subarray(0, length)
}

/** Drives a read with bytes that are there at once. */
export function runNow<T>(reading: Reading<T>, read: (range: Range) => Uint8Array): T {
  let step = reading.next()
  while (step.done !== true) step = reading.next(read(step.value))
  return step.value
}

/** Drives a read of a storage that starts at `offset` of a source. */
export async function runWith<T>(
  reading: Reading<T>,
  storage: { readonly source: Source; readonly offset: number },
  options?: CallOptions,
): Promise<T> {
  let step = reading.next()
  while (step.done !== true) {
    const { offset, length } = step.value
    step = reading.next(await storage.source.read(storage.offset + offset, length, options))
  }
  return step.value
}
