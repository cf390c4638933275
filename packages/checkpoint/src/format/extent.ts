/**
 * Elements of a shape whose sizes come from a file; undefined where one is no size or the product overflows. A shape with a zero is empty,
 * however large the other sizes are, as long as they are numbers.
 */
export function countElements(shape: readonly number[]): number | undefined {
  let elements = 1
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return undefined
    elements *= size
    if (!Number.isSafeInteger(elements)) return undefined
  }
  return elements
}

/** Bytes of that many elements of `bits` each, the last byte filled up. Undefined where that overflows. */
export function countBytes(elements: number, bits: number): number | undefined {
  const bytes = bits % 8 === 0 ? elements * (bits / 8) : Math.ceil((elements * bits) / 8)
  return Number.isSafeInteger(elements * bits) ? bytes : undefined
}
