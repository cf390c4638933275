/** Fields of TensorProto that hold elements, where `raw_data` does not. */
export const FLOAT_DATA = 4
export const INT32_DATA = 5
export const STRING_DATA = 6
export const INT64_DATA = 7
export const DOUBLE_DATA = 10
export const UINT64_DATA = 11

export interface OnnxDtype {
  /** Torch's name, where torch has the type. */
  readonly name: string
  /** Of an element as `raw_data` holds it; small ones share bytes. 0 for strings. */
  readonly bits: number
  readonly field: number
}

function dtype(name: string, bits: number, field: number): OnnxDtype {
  return { name, bits, field }
}

/** TensorProto.DataType (onnx/onnx.proto, 1.23) → the type, and the field for its elements (onnx/_mapping.py). */
export const DTYPES: ReadonlyMap<number, OnnxDtype> = new Map([
  [1, dtype('float32', 32, FLOAT_DATA)],
  [2, dtype('uint8', 8, INT32_DATA)],
  [3, dtype('int8', 8, INT32_DATA)],
  [4, dtype('uint16', 16, INT32_DATA)],
  [5, dtype('int16', 16, INT32_DATA)],
  [6, dtype('int32', 32, INT32_DATA)],
  [7, dtype('int64', 64, INT64_DATA)],
  [8, dtype('string', 0, STRING_DATA)],
  [9, dtype('bool', 8, INT32_DATA)],
  [10, dtype('float16', 16, INT32_DATA)],
  [11, dtype('float64', 64, DOUBLE_DATA)],
  [12, dtype('uint32', 32, UINT64_DATA)],
  [13, dtype('uint64', 64, UINT64_DATA)],
  [14, dtype('complex64', 64, FLOAT_DATA)],
  [15, dtype('complex128', 128, DOUBLE_DATA)],
  [16, dtype('bfloat16', 16, INT32_DATA)],
  [17, dtype('float8_e4m3fn', 8, INT32_DATA)],
  [18, dtype('float8_e4m3fnuz', 8, INT32_DATA)],
  [19, dtype('float8_e5m2', 8, INT32_DATA)],
  [20, dtype('float8_e5m2fnuz', 8, INT32_DATA)],
  [21, dtype('uint4', 4, INT32_DATA)],
  [22, dtype('int4', 4, INT32_DATA)],
  [23, dtype('float4_e2m1fn', 4, INT32_DATA)],
  [24, dtype('float8_e8m0fnu', 8, INT32_DATA)],
  [25, dtype('uint2', 2, INT32_DATA)],
  [26, dtype('int2', 2, INT32_DATA)],
  [27, dtype('float6_e2m3fn', 6, INT32_DATA)],
  [28, dtype('float6_e3m2fn', 6, INT32_DATA)],
])
