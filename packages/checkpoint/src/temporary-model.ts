import { payloadBytes } from './dtype.ts'
import { listTensors } from './format/pytorch/walk.ts'
import type { ModelFile, Storage, Tensor, TensorValue, Value } from './model-file.ts'
import { dict, list, object, tuple } from './pickle/value.ts'
import { bytesSource } from './source/bytes.ts'

/** For tests: what a pickle could hold, as JavaScript writes it. */
export type Plain = Value | Plain[] | { [key: string]: Plain }

type Given = Partial<Omit<Tensor, 'name'>> & { values?: readonly number[]; bits?: Uint8Array }

/** For tests: a tensor of those values, by default `float32` of their number; in a storage of its own unless it is given one. */
export function tensor(given: Given = {}): TensorValue {
  const { values, bits, ...rest } = given
  const dtype = rest.dtype ?? 'float32'
  const shape = rest.shape ?? [values?.length ?? 1]
  const elements = shape.reduce((product, size) => product * size, 1)
  const bytes = payloadBytes(dtype, elements)!
  const storage =
    rest.storage ?? storageOf(bits ?? bitsOf(dtype, values ?? Array.from({ length: elements }, (_, i) => i)))
  return { kind: 'tensor', tensor: { dtype, shape, elements, bytes, offset: 0, ...rest, storage } }
}

/** For tests: bytes in memory, somewhere in a file. */
export function storageOf(bytes: Uint8Array, more: Partial<Storage> = {}): Storage {
  return { source: bytesSource('memory', bytes), offset: 0, length: bytes.length, bigEndian: false, ...more }
}

/** For tests: little-endian, as torch keeps them. */
export function bitsOf(dtype: string, values: readonly number[]): Uint8Array {
  const array = {
    float64: Float64Array,
    int32: Int32Array,
    int8: Int8Array,
    uint8: Uint8Array,
    bool: Uint8Array,
    complex64: Float32Array,
  }[dtype]
  if (dtype === 'int64') return new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
  if (dtype === 'bfloat16') {
    const words = new Uint16Array(Float32Array.from(values).buffer)
    return new Uint8Array(Uint16Array.from(values, (_, i) => words[2 * i + 1]!).buffer)
  }
  return new Uint8Array((array ?? Float32Array).from(values).buffer)
}

/** For tests: an object of a class of that name with these attributes. */
export function instance(name: string, attributes: { [key: string]: Plain }): Value {
  const dot = name.lastIndexOf('.')
  const made = object({ kind: 'global', module: name.slice(0, dot), name: name.slice(dot + 1) }, tuple([]))
  made.state = valueOf(attributes)
  return made
}

/** For tests: what the pickle reader would make of it. */
export function valueOf(plain: Plain): Value {
  if (typeof plain !== 'object' || plain === null || plain instanceof Uint8Array) return plain
  if (Array.isArray(plain)) return list(plain.map(valueOf))
  if ('kind' in plain && typeof plain.kind === 'string') return plain as Value
  return dict(Object.entries(plain).map(([key, value]) => [key, valueOf(value)]))
}

/** For tests: a `.pth` file with that object. */
export function modelOf(plain: Plain, more: Partial<ModelFile> = {}): ModelFile {
  const root = valueOf(plain)
  return {
    format: 'pytorch',
    tensors: listTensors(root),
    root,
    metadata: new Map(),
    imports: [],
    warnings: [],
    ...more,
  }
}

/** For tests: a safetensors file with those tensors. */
export function safetensorsOf(
  tensors: { [name: string]: TensorValue },
  metadata: { [key: string]: string } = {},
): ModelFile {
  return {
    format: 'safetensors',
    tensors: Object.entries(tensors).map(([name, value]) => ({ ...value.tensor, name })),
    metadata: new Map(Object.entries(metadata)),
    imports: [],
    warnings: [],
  }
}
