/**
 * Torch's dtypes as safetensors names them, in the order in which the reference library (0.8.0, `Dtype` in tensor.rs, backwards) lays tensors
 * out: what needs the widest alignment first.
 */
const DTYPES: readonly (readonly [torch: string, name: string])[] = [
  ['uint64', 'U64'],
  ['int64', 'I64'],
  ['float64', 'F64'],
  ['complex64', 'C64'],
  ['float32', 'F32'],
  ['uint32', 'U32'],
  ['int32', 'I32'],
  ['bfloat16', 'BF16'],
  ['float16', 'F16'],
  ['uint16', 'U16'],
  ['int16', 'I16'],
  ['float8_e5m2fnuz', 'F8_E5M2FNUZ'],
  ['float8_e4m3fnuz', 'F8_E4M3FNUZ'],
  ['float8_e8m0fnu', 'F8_E8M0'],
  ['float8_e4m3fn', 'F8_E4M3'],
  ['float8_e5m2', 'F8_E5M2'],
  ['int8', 'I8'],
  ['uint8', 'U8'],
  ['float6_e3m2fn', 'F6_E3M2'],
  ['float6_e2m3fn', 'F6_E2M3'],
  ['float4_e2m1fn', 'F4'],
  ['float4_e2m1fn_x2', 'F4'],
  ['bool', 'BOOL'],
]

const RANKS: ReadonlyMap<string, number> = new Map(DTYPES.map(([torch], rank) => [torch, rank]))

export interface StoredAs {
  readonly dtype: string
  readonly shape: readonly number[]
  /** Tensors of a lower rank come first. */
  readonly rank: number
}

/** Undefined for a dtype that safetensors does not have. Torch counts pairs of four bits, safetensors each of them. */
export function storedAs(dtype: string, shape: readonly number[]): StoredAs | undefined {
  const rank = RANKS.get(dtype)
  if (rank === undefined) return undefined
  const isPaired = dtype === 'float4_e2m1fn_x2'
  if (isPaired && shape.length === 0) return undefined
  return {
    dtype: DTYPES[rank]![1],
    shape: isPaired ? [...shape.slice(0, -1), shape.at(-1)! * 2] : shape,
    rank: isPaired ? rank - 1 : rank,
  }
}
