import type { CallOptions } from '@art/core'
import type { ModelFile, Storage, Tensor } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { warn } from '../warning.ts'
import { corruptNpy, type NpyHeader, readNpyHeader } from './header.ts'

/** NumPy names an array without a name so when it puts it into a `.npz`. */
const NAME = 'arr_0'

/**
 * Reads a `.npy` file: one tensor, named `arr_0`. Elements of a type that torch lacks (structured, strings, dates) have NumPy's name and
 * a warning; an array of Python objects is a pickle, which is not read, and has no storage. Fails with `CORRUPT` or `UNSUPPORTED`.
 */
export async function readNpy(source: Source, options?: CallOptions): Promise<ModelFile> {
  const header = await readNpyHeader(source, options)
  const warnings: string[] = []
  const tensor = npyTensor(NAME, header, { source, placeAt: 0 }, warnings)
  const end = header.dataAt + tensor.bytes
  if (tensor.storage !== undefined && end < source.size) {
    warn(warnings, `${source.size - end} bytes follow the array`)
  }
  return { format: 'npy', tensors: [tensor], metadata: new Map(), imports: [], warnings }
}

interface Npy {
  readonly source: Source
  /** Where the source stands in the model file as it is; undefined where it is compressed. */
  readonly placeAt: number | undefined
}

/** Fails with `CORRUPT` where the source is too short for it. */
export function npyTensor(name: string, header: NpyHeader, npy: Npy, warnings: string[]): Tensor {
  const { dtype, shape, elements, dataAt } = header
  if (dtype.isObject) {
    warn(warnings, `${name} holds Python objects: a pickle, which is not read`)
    return { name, dtype: dtype.name, shape, elements, bytes: 0, storage: undefined, offset: 0 }
  }
  if (!dtype.isTorch) warn(warnings, `${name} is of the dtype ${dtype.name}, which torch does not have`)
  const { source, placeAt } = npy
  const bytes = elements * dtype.bytes
  if (dataAt + bytes > source.size) {
    throw corruptNpy(source.name, `its array has ${bytes} bytes, and ${source.size - dataAt} follow its header`)
  }
  const place = placeAt === undefined ? {} : { place: { offset: placeAt + dataAt } }
  const storage: Storage = { source, offset: dataAt, length: bytes, bigEndian: dtype.bigEndian, ...place }
  const strides = header.fortranOrder && shape.length > 1 ? { strides: columnStrides(shape) } : {}
  return { name, dtype: dtype.name, shape, elements, bytes, storage, offset: 0, ...strides }
}

/** The first index is the one whose elements are neighbours. */
function columnStrides(shape: readonly number[]): number[] {
  const strides: number[] = []
  let step = 1
  for (const size of shape) {
    strides.push(step)
    step *= size
  }
  return strides
}
