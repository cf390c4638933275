import { dtypeCode } from './call.ts'
import type { ImportRecord } from './findings.ts'
import { isKind, type Symbolic } from './symbol.ts'

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
  const code = dtypeCode(fields.get('dtype'))
  const shape = fields.get('shape')
  const padded = typeof fields.get('numpy_array_alignment_bytes') === 'number'
  if (code?.includes('O') === true) return { kind: 'pickle', length: 0, padded: false }
  const itemBytes = code === undefined ? undefined : itemSize(code)
  if (itemBytes === undefined || !isKind(shape, 'tuple')) return { kind: 'unknown', length: 0, padded }
  let length = itemBytes
  for (const side of shape.items) length *= typeof side === 'number' ? side : Number.NaN
  return Number.isSafeInteger(length) && length >= 0
    ? { kind: 'raw', length, padded }
    : { kind: 'unknown', length: 0, padded }
}

/** Of a type code as `numpy.dtype` is called with: `f8`, `U10`, `V16`. */
function itemSize(code: string): number | undefined {
  const match = /^[<>|=]?([a-zA-Z])(\d+)$/.exec(code)
  if (match === null) return undefined
  return Number(match[2]) * (match[1] === 'U' ? 4 : 1)
}
