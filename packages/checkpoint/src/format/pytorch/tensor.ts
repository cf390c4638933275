import { itemBytes, payloadBytes } from '../../dtype.ts'
import type { Tensor, Value } from '../../model-file.ts'
import { itemsOf } from '../../pickle/value.ts'
import { DIMENSIONS_MAX } from '../bounds.ts'
import { damaged, type StorageHandle } from './storages.ts'

export interface Geometry {
  readonly dtype: string
  /** In elements, into what the handle shows of its storage. */
  readonly offset: Value | undefined
  readonly size: Value | undefined
  readonly stride: Value | undefined
}

/**
 * A view of a storage; undefined for a dtype that art does not know. Fails with `CORRUPT` where its numbers are impossible or it reaches
 * beyond the storage.
 */
export function strided(handle: StorageHandle | undefined, geometry: Geometry): Omit<Tensor, 'name'> | undefined {
  const { dtype } = geometry
  const item = itemBytes(dtype)
  if (item === undefined) return
  const shape = naturals(geometry.size)
  const strides = geometry.stride === undefined ? rowMajor(shape) : naturals(geometry.stride)
  if (shape.length !== strides.length) throw damaged('a tensor has more dimensions than strides, or fewer')
  const elements = product(shape)
  const bytes = payloadBytes(dtype, elements)!
  const offset = geometry.offset ?? 0
  if (!isNatural(offset) || !Number.isSafeInteger(bytes)) throw damaged('a tensor has an impossible size')
  const contiguous = isContiguous(shape, strides)
  const before = handle === undefined ? 0 : handle.start / item
  if (handle !== undefined && elements > 0) {
    const last = offset + shape.reduce((sum, size, i) => sum + (size - 1) * strides[i]!, 0)
    // Packed elements are found by their byte: torch has them contiguous, from the first byte on.
    const isWhole = item >= 1 || (contiguous && offset === 0)
    if (!isWhole || !Number.isInteger(before) || !(Math.ceil((last + 1) * item) <= handle.length)) {
      throw damaged(`a tensor reaches beyond its storage of ${handle.length} bytes`)
    }
  }
  return {
    dtype,
    shape,
    elements,
    bytes,
    storage: handle?.storage,
    offset: before + offset,
    ...(!contiguous && { strides }),
  }
}

function product(sizes: readonly number[]): number {
  if (sizes.includes(0)) return 0
  return sizes.reduce((all, size) => all * size, 1)
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, i) => shape.slice(i + 1).reduce((all, size) => all * Math.max(size, 1), 1))
}

/** As torch sees it: the stride of a dimension of size 1 does not matter, nor any of an empty tensor. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true
  let expected = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false
    expected *= shape[i]!
  }
  return true
}

function naturals(value: Value | undefined): number[] {
  const items = itemsOf(value)
  if (items === undefined || items.length > DIMENSIONS_MAX || !items.every(isNatural)) {
    throw damaged('a tensor has an impossible shape')
  }
  return [...items] as number[]
}

function isNatural(value: Value | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
