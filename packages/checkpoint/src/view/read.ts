import type { CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import { type Box, boxesOf } from './box.ts'
import { finish } from './finish.ts'
import { gather } from './gather.ts'
import type { View } from './view.ts'

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
export type Reading = Generator<Range, Uint8Array, Uint8Array>

/** Elements that are read at once: of contiguous views little, so that caches keep it; of others much, so that few reads meet a row. */
const NEAR_BYTES = 256 << 10
const FAR_BYTES = 16 << 20

/** The boxes that a view is read in. */
export function boxesOfView(view: View): Generator<Box> {
  const { strides, elementBytes } = view
  const elements = view.shape.reduce((product, size) => product * size, 1)
  if (strides === undefined) return boxesOf([elements], NEAR_BYTES / elementBytes)
  return boxesOf(view.shape, FAR_BYTES / elementBytes)
}

/**
 * The values of a box, contiguous, row-major and little-endian. `box` is of the view's shape, or, where the view is contiguous, of any
 * shape. What is returned is the caller's until the next read with the same scratch or of the same source, and not to be written to.
 */
export function* readBox(view: View, box: Box, scratch: Scratch): Reading {
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
export function runNow(reading: Reading, read: (range: Range) => Uint8Array): Uint8Array {
  let step = reading.next()
  while (step.done !== true) step = reading.next(read(step.value))
  return step.value
}

/** Drives a read of a storage that starts at `offset` of a source. */
export async function runWith(
  reading: Reading,
  storage: { readonly source: Source; readonly offset: number },
  options?: CallOptions,
): Promise<Uint8Array> {
  let step = reading.next()
  while (step.done !== true) {
    const { offset, length } = step.value
    step = reading.next(await storage.source.read(storage.offset + offset, length, options))
  }
  return step.value
}
