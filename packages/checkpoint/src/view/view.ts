import { ArtError } from '@art/core'
import type { Tensor } from '../model-file.ts'

/** Which sign bits a reader flips to get the values: of conjugated and negated tensors. */
export type Flip = 'real' | 'imaginary' | 'all'

/** Where the elements of a tensor lie in its storage, and what makes values of them. Survives structured cloning. */
export interface View {
  /** Bytes of an element, both parts of a complex one. */
  readonly elementBytes: number
  /** Bytes of a number: half an element where that is complex. */
  readonly unit: number
  readonly shape: readonly number[]
  /** In elements; undefined where contiguous and row-major. */
  readonly strides: readonly number[] | undefined
  /** Bytes into the storage. */
  readonly start: number
  readonly bigEndian: boolean
  readonly flip: Flip | undefined
}

/**
 * What a tensor is of its storage. A payload that is not whole bytes for each element (GGUF blocks, halves of bytes) is a view of bytes.
 * Fails with `CORRUPT` where it does not fit into its storage, with `UNSUPPORTED` where it has no storage, or a lazy sign that is not
 * one bit.
 */
export function viewOf(tensor: Omit<Tensor, 'name'>, name: string): View {
  const { storage, elements, bytes, dtype } = tensor
  if (storage === undefined) {
    throw new ArtError('UNSUPPORTED', 'the tensor has no data: it was saved from the meta device', { path: name })
  }
  const whole = elements > 0 && bytes % elements === 0
  if (!whole) {
    const start = elements === 0 ? 0 : tensor.offset * Math.floor(bytes / elements)
    return bytesView(name, start, bytes, storage.length)
  }
  const elementBytes = bytes / elements
  const shape = tensor.shape.filter((size) => size !== 1)
  const strides = tensor.strides?.filter((_, i) => tensor.shape[i] !== 1)
  const start = tensor.offset * elementBytes
  const isContiguous = strides === undefined || strides.every((stride, i) => stride === below(shape, i))
  const last = isContiguous ? elements - 1 : strides.reduce((sum, stride, i) => sum + (shape[i]! - 1) * stride, 0)
  const isInside = start >= 0 && start + (last + 1) * elementBytes <= storage.length
  if (!isInside || strides?.some((stride) => stride < 0)) throw outside(name)
  const unit = dtype.includes('complex') ? elementBytes / 2 : elementBytes
  return {
    elementBytes,
    unit,
    shape,
    strides: isContiguous ? undefined : strides,
    start,
    bigEndian: storage.bigEndian && unit > 1,
    flip: flipOf(tensor, name),
  }
}

export function elementsOf({ shape }: View): number {
  return shape.reduce((product, size) => product * size, 1)
}

function bytesView(name: string, start: number, bytes: number, storageBytes: number): View {
  if (!(start >= 0 && bytes >= 0 && start + bytes <= storageBytes)) throw outside(name)
  return { elementBytes: 1, unit: 1, shape: [bytes], strides: undefined, start, bigEndian: false, flip: undefined }
}

/** Elements below one step of dimension `i`. */
function below(shape: readonly number[], i: number): number {
  return shape.slice(i + 1).reduce((product, size) => product * size, 1)
}

function flipOf({ dtype, conjugated, negated }: Omit<Tensor, 'name'>, name: string): Flip | undefined {
  const isComplex = dtype.includes('complex')
  const conjugates = conjugated === true && isComplex
  if (negated !== true) return conjugates ? 'imaginary' : undefined
  if (!isComplex && !dtype.startsWith('float') && dtype !== 'bfloat16') {
    throw new ArtError('UNSUPPORTED', `the tensor is a negated view of ${dtype}`, {
      path: name,
      hint: 'Save it again after `tensor.resolve_neg()`.',
    })
  }
  return conjugates ? 'real' : 'all'
}

function outside(name: string): ArtError {
  return new ArtError('CORRUPT', 'the tensor does not lie inside its storage', {
    path: name,
    hint: 'The file is damaged: fetch or save it again.',
  })
}
