import type { Value } from '../../model-file.ts'
import { tuple } from '../../pickle/value.ts'
import { at, elementsOf, type Json } from './json.ts'

/** https://github.com/pytorch/pytorch/blob/main/torch/_export/serde/schema.py (`ScalarType`) */
const DTYPES: ReadonlyMap<Json | undefined, string> = new Map<Json | undefined, string>([
  [1, 'uint8'],
  [2, 'int8'],
  [3, 'int16'],
  [4, 'int32'],
  [5, 'int64'],
  [6, 'float16'],
  [7, 'float32'],
  [8, 'float64'],
  [9, 'complex32'],
  [10, 'complex64'],
  [11, 'complex128'],
  [12, 'bool'],
  [13, 'bfloat16'],
  [28, 'uint16'],
  [29, 'float8_e4m3fn'],
  [30, 'float8_e5m2'],
  [31, 'float8_e4m3fnuz'],
  [32, 'float8_e5m2fnuz'],
  [33, 'float8_e8m0fnu'],
  [34, 'uint32'],
  [35, 'uint64'],
])

export function exportDtype(meta: Json | undefined): string | undefined {
  return DTYPES.get(at(meta, 'dtype'))
}

/** Sizes or strides, each `{ as_int }`; a size that is an expression has no number. */
export function exportNumbers(value: Json | undefined): Value {
  return tuple(elementsOf(value).map((item) => (at(item, 'as_int') ?? null) as Value))
}

/** Numbers, and expressions such as `s0` for sizes that are not fixed. */
export function exportShape(meta: Json | undefined): (number | string)[] {
  return elementsOf(at(meta, 'sizes')).map((size) => {
    const known = at(size, 'as_int')
    const text = at(size, 'as_expr', 'expr_str')
    return typeof known === 'number' ? known : typeof text === 'string' ? text : '?'
  })
}

export function exportDevice(meta: Json | undefined): string | undefined {
  const type = at(meta, 'device', 'type')
  const index = at(meta, 'device', 'index')
  if (typeof type !== 'string') return
  return typeof index === 'number' ? `${type}:${index}` : type
}
