/** A part of a tensor whose elements follow one another in row-major order. */
export interface Box {
  /** Elements before it, and in it. */
  readonly first: number
  readonly elements: number
  /** Of each dimension, the first index and how many. */
  readonly start: readonly number[]
  readonly size: readonly number[]
}

/**
 * Cuts a shape into boxes of at most `most` elements, in order and about equally large. Where they are cut depends on the shape alone: two
 * tensors of one shape have the same boxes, however each is stored.
 */
export function* boxesOf(shape: readonly number[], most: number): Generator<Box> {
  const total = shape.reduce((product, size) => product * size, 1)
  if (total === 0) return
  // The dimension to be cut: all below it fits into a box, and it does not.
  let cut = shape.length - 1
  let inner = 1
  while (cut >= 0 && inner * shape[cut]! <= most) inner *= shape[cut--]!
  if (cut < 0) {
    yield { first: 0, elements: total, start: shape.map(() => 0), size: [...shape] }
    return
  }
  const length = shape[cut]!
  const step = Math.ceil(length / Math.ceil(length / Math.floor(most / inner)))
  const start = shape.map(() => 0)
  const size = shape.map((whole, i) => (i < cut ? 1 : whole))
  for (let first = 0; first < total; ) {
    for (let at = 0; at < length; at += step) {
      const count = Math.min(step, length - at)
      const elements = count * inner
      start[cut] = at
      size[cut] = count
      yield { first, elements, start: [...start], size: [...size] }
      first += elements
    }
    for (let i = cut - 1; i >= 0 && ++start[i]! === shape[i]; i--) start[i] = 0
  }
}
