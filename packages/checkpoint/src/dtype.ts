/**
 * Bytes of an element, by torch's name without `torch.`; of the two packed ones a fraction. `bits` and `float4_e2m1fn_x2` count bytes, as
 * torch counts them.
 */
const ITEM_BYTES: ReadonlyMap<string, number> = new Map([
  ['quint2x4', 0.25],
  ['quint4x2', 0.5],
  ...each(1, ['bool', 'uint8', 'int8', 'quint8', 'qint8', 'bits8', 'bits1x8', 'bits2x4', 'bits4x2']),
  ...each(1, [
    'float8_e4m3fn',
    'float8_e4m3fnuz',
    'float8_e5m2',
    'float8_e5m2fnuz',
    'float8_e8m0fnu',
    'float4_e2m1fn_x2',
  ]),
  ...each(
    1,
    [1, 2, 3, 4, 5, 6, 7].flatMap((bits) => [`int${bits}`, `uint${bits}`]),
  ),
  ...each(2, ['int16', 'uint16', 'float16', 'bfloat16', 'bits16']),
  ...each(4, ['int32', 'uint32', 'qint32', 'float32', 'complex32', 'bcomplex32']),
  ...each(8, ['int64', 'uint64', 'float64', 'complex64']),
  ...each(16, ['complex128']),
])

function each(bytes: number, names: readonly string[]): [string, number][] {
  return names.map((name) => [name, bytes])
}

/** Undefined for a dtype that art does not know. */
export function itemBytes(dtype: string): number | undefined {
  return ITEM_BYTES.get(dtype)
}

/** Bytes of so many elements one after the other. Fails never: an unknown dtype is undefined. */
export function payloadBytes(dtype: string, elements: number): number | undefined {
  const item = ITEM_BYTES.get(dtype)
  return item === undefined ? undefined : Math.ceil(elements * item)
}
