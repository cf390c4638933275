/** The names of safetensors/src/tensor.rs (0.8.0), as torch names them, with the bits of an element. */
const DTYPES: ReadonlyMap<string, readonly [name: string, bits: number]> = new Map([
  ['BOOL', ['bool', 8]],
  ['F4', ['float4_e2m1fn', 4]],
  ['F6_E2M3', ['float6_e2m3fn', 6]],
  ['F6_E3M2', ['float6_e3m2fn', 6]],
  ['U8', ['uint8', 8]],
  ['I8', ['int8', 8]],
  ['F8_E5M2', ['float8_e5m2', 8]],
  ['F8_E4M3', ['float8_e4m3fn', 8]],
  ['F8_E8M0', ['float8_e8m0fnu', 8]],
  ['F8_E4M3FNUZ', ['float8_e4m3fnuz', 8]],
  ['F8_E5M2FNUZ', ['float8_e5m2fnuz', 8]],
  ['I16', ['int16', 16]],
  ['U16', ['uint16', 16]],
  ['F16', ['float16', 16]],
  ['BF16', ['bfloat16', 16]],
  ['I32', ['int32', 32]],
  ['U32', ['uint32', 32]],
  ['F32', ['float32', 32]],
  ['C64', ['complex64', 64]],
  ['F64', ['float64', 64]],
  ['I64', ['int64', 64]],
  ['U64', ['uint64', 64]],
])

export interface StoredShape {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bits: number
}

/**
 * A tensor as torch would load it. Torch holds `F4` as pairs in bytes and calls that `float4_e2m1fn_x2`, with a last dimension of half the
 * size: the same weights then have the same table as in a `.pth`. Undefined for a dtype that safetensors does not have.
 */
export function asTorch(dtype: string, shape: readonly number[]): StoredShape | undefined {
  const known = DTYPES.get(dtype)
  if (known === undefined) return undefined
  const [name, bits] = known
  const last = shape.at(-1)
  if (dtype !== 'F4' || last === undefined || last % 2 !== 0) return { dtype: name, shape, bits }
  return { dtype: 'float4_e2m1fn_x2', shape: [...shape.slice(0, -1), last / 2], bits: 8 }
}
