import type { ImportRecord } from './findings.ts'
import { type Dtype, isKind, itemsOf, type Symbolic } from './symbol.ts'

/**
 * Joblib writes an array as a small object, and its bytes behind that object's BUILD, amid the opcodes:
 * https://github.com/joblib/joblib/blob/1.5.2/joblib/numpy_pickle.py `NumpyArrayWrapper.read_array`.
 */
export interface ArrayBytes {
  /** - `raw`: `length` bytes, behind one byte that counts padding, and that padding, where `padded`
   *  - `pickle`: another pickle, of objects
   *  - `unknown`: art cannot tell */
  readonly kind: 'raw' | 'pickle' | 'unknown'
  readonly length: number
  readonly padded: boolean
}

export function isArrayWrapper({ module, name }: ImportRecord): boolean {
  return (
    name === 'NumpyArrayWrapper' &&
    (module === 'joblib.numpy_pickle' || module === 'sklearn.externals.joblib.numpy_pickle')
  )
}

/** What follows a wrapper with these attributes. */
export function arrayAfter(fields: ReadonlyMap<string, Symbolic>): ArrayBytes {
  const dtype = fields.get('dtype')
  const shape = fields.get('shape')
  const alignment = fields.get('numpy_array_alignment_bytes')
  const padded = typeof alignment === 'number'
  const unknown: ArrayBytes = { kind: 'unknown', length: 0, padded }
  if (alignment !== undefined && !padded) return unknown
  if (!isKind(dtype, 'dtype') || dtype.hasObjects === undefined) return unknown
  if (dtype.hasObjects) return { kind: 'pickle', length: 0, padded: false }
  if (dtype.itemBytes === undefined || !isKind(shape, 'tuple')) return unknown
  let length = dtype.itemBytes
  for (const side of shape.items) length *= typeof side === 'number' ? side : Number.NaN
  return Number.isSafeInteger(length) && length >= 0 ? { kind: 'raw', length, padded } : unknown
}

/** Of what `numpy.dtype` is called with: `f8`, `U10`, `V16`, `O8`. */
export function dtypeOf(by: ImportRecord, code: Symbolic | undefined): Dtype {
  const match = /^[<>|=]?([a-zA-Z])(\d+)$/.exec(typeof code === 'string' ? code : '')
  if (match === null) return { kind: 'dtype', by, isFlexible: true, itemBytes: undefined, hasObjects: undefined }
  const [, letter, digits] = match
  const itemBytes = Number(digits) * (letter === 'U' ? 4 : 1)
  return { kind: 'dtype', by, isFlexible: /[aSUV]/.test(letter!), itemBytes, hasObjects: letter === 'O' }
}

/**
 * What `dtype.__setstate__` makes of it: `(version, byte order, subarray, names, fields, size, alignment, flags)`, of which NumPy believes the
 * size of flexible types, and the flags of all: the lowest means that there are objects.
 */
export function setDtypeState(dtype: Dtype, state: Symbolic): void {
  const [size, , flags] = itemsOf(state).slice(5)
  if (dtype.isFlexible) dtype.itemBytes = typeof size === 'number' && size >= 0 ? size : undefined
  dtype.hasObjects = typeof flags === 'number' ? (flags & 1) === 1 : undefined
}
