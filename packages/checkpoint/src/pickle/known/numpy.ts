import type { DictValue, ListValue, Tensor, Value } from '../../model-file.ts'
import { bytesSource } from '../../source/bytes.ts'
import { type Budget, COST, spend } from '../budget.ts'
import type { Known } from '../settle.ts'
import { isTensor, itemsOf, list } from '../value.ts'
import { numpyDtype, type NumpyType, parseNumpyType, torchName } from './numpy-dtype.ts'
import { readElement } from './numpy-element.ts'

/** An array of at most so many numbers is a list, unless it is among tensors; a larger one is a tensor. */
const LIST_MAX = 64
/** An array of text or times is a list in any case. */
const DIMENSIONS_MAX = 64

interface NumpyArray {
  readonly type: NumpyType
  readonly shape: readonly number[]
  readonly elements: number
  readonly bytes: Uint8Array
  readonly fortran: boolean
}

/** What makes plain data of NumPy's objects, for the pickles of one file. Both spellings of its modules are known, of 1.x and of 2.x. */
export interface NumpyKnowledge {
  readonly calls: ReadonlyMap<string, Known>
  /** In a dict of nothing but tensors small arrays are tensors too: a state dict of arrays stays whole. */
  dict(value: DictValue): void
  /** The tensor of an array that became a list. */
  tensorOf(value: Value | undefined): Omit<Tensor, 'name'> | undefined
}

export function numpyKnowledge(): NumpyKnowledge {
  const tensors = new WeakMap<ListValue, Omit<Tensor, 'name'>>()
  const plain = (array: NumpyArray | undefined, budget: Budget): Value | undefined => {
    if (array === undefined) return
    const tensor = toTensor(array)
    // What takes no bytes can still be a million empty lists.
    const size = product(array.shape.map((length) => Math.max(length, 1)))!
    if (tensor !== undefined && size > LIST_MAX) return { kind: 'tensor', tensor }
    const items = toList(array, budget)
    if (
      tensor !== undefined &&
      typeof items === 'object' &&
      items !== null &&
      'items' in items &&
      items.kind === 'list'
    ) {
      tensors.set(items, tensor)
    }
    return items
  }
  const built: Known = (_args, object, budget) =>
    objectArray(object.state, budget) ?? plain(fromState(object.state), budget)
  const buffer: Known = (args, _object, budget) => plain(fromBuffer(args), budget)
  const tensorOf = (value: Value | undefined): Omit<Tensor, 'name'> | undefined => tensors.get(value as ListValue)
  return {
    tensorOf,
    calls: new Map<string, Known>([
      ['numpy.dtype', numpyDtype],
      ...both('multiarray._reconstruct', built),
      ...both('multiarray.scalar', scalar),
      ...both('numeric._frombuffer', buffer),
    ]),
    dict(value) {
      const isState = value.entries.every(([, item]) => isTensor(item) || tensorOf(item) !== undefined)
      if (!isState || !value.entries.some(([, item]) => isTensor(item))) return
      for (const entry of value.entries) {
        const tensor = tensorOf(entry[1])
        if (tensor !== undefined) entry[1] = { kind: 'tensor', tensor }
      }
    },
  }
}

function both(name: string, known: Known): [string, Known][] {
  return [
    [`numpy.core.${name}`, known],
    [`numpy._core.${name}`, known],
  ]
}

/** `scalar(dtype, bytes)`: a number. Of an object dtype the object itself. */
const scalar: Known = ([dtype, content], _object, budget) => {
  const type = parseNumpyType(dtype)
  if (type?.kind === 'O') return content
  const bytes = bytesOf(content)
  if (type === undefined || bytes === undefined || bytes.length !== type.bytes) return
  spend(budget, 1, bytes.length)
  return readElement(type, viewOf(bytes), 0)
}

/** `_reconstruct(ndarray, (0,), b'b')` with the state `(1, shape, dtype, is_fortran, bytes)`. */
function fromState(state: Value | undefined): NumpyArray | undefined {
  const [, shape, dtype, fortran, content] = itemsOf(state) ?? []
  return arrayOf(shape, parseNumpyType(dtype), bytesOf(content), fortran === true)
}

/** `_frombuffer(buffer, dtype, shape, order)`, of protocol 5. */
function fromBuffer([content, dtype, shape, order]: readonly Value[]): NumpyArray | undefined {
  return arrayOf(shape, parseNumpyType(dtype), bytesOf(content), order === 'F')
}

/** Its elements stand in the state as a list of any values. */
function objectArray(state: Value | undefined, budget: Budget): Value | undefined {
  const [, shape, dtype, , content] = itemsOf(state) ?? []
  const items = itemsOf(content)
  const sizes = sizesOf(shape)
  if (parseNumpyType(dtype)?.kind !== 'O' || items === undefined || product(sizes) !== items.length) return
  return nest(sizes!, budget, (i) => items[i]!)
}

function arrayOf(
  shape: Value | undefined,
  type: NumpyType | undefined,
  bytes: Uint8Array | undefined,
  fortran: boolean,
): NumpyArray | undefined {
  const sizes = sizesOf(shape)
  const elements = product(sizes)
  if (type === undefined || bytes === undefined || elements === undefined || elements * type.bytes !== bytes.length)
    return
  return { type, shape: sizes!, elements, bytes, fortran }
}

function toTensor({ type, shape, elements, bytes, fortran }: NumpyArray): Omit<Tensor, 'name'> | undefined {
  const dtype = torchName(type)
  if (dtype === undefined) return
  const source = bytesSource('an array in a pickle', bytes)
  const storage = { source, offset: 0, length: bytes.length, bigEndian: type.bigEndian && type.bytes > 1 }
  const strides = fortran && shape.length > 1 ? shape.map((_, i) => product(shape.slice(0, i))!) : undefined
  return { dtype, shape, elements, bytes: bytes.length, storage, offset: 0, ...(strides && { strides }) }
}

/** Lists in lists, or the one element of an array without dimensions. */
function toList({ type, shape, elements, bytes, fortran }: NumpyArray, budget: Budget): Value | undefined {
  spend(budget, elements, bytes.length)
  const view = viewOf(bytes)
  if (elements > 0 && readElement(type, view, 0) === undefined) return
  const steps = shape.map((_, i) => (fortran ? product(shape.slice(0, i))! : product(shape.slice(i + 1))!))
  return nest(shape, budget, (i) => {
    if (!fortran) return readElement(type, view, i * type.bytes) ?? null
    let [rest, at] = [i, 0]
    for (const [dimension, size] of [...shape.entries()].reverse()) {
      at += (rest % size) * steps[dimension]!
      rest = Math.floor(rest / size)
    }
    return readElement(type, view, at * type.bytes) ?? null
  })
}

function nest(shape: readonly number[], budget: Budget, element: (i: number) => Value): Value {
  let next = 0
  const level = (dimension: number): Value => {
    if (dimension === shape.length) return element(next++)
    spend(budget, shape[dimension]!, COST.container + shape[dimension]! * COST.number)
    return list(Array.from({ length: shape[dimension]! }, () => level(dimension + 1)))
  }
  return level(0)
}

function sizesOf(shape: Value | undefined): number[] | undefined {
  const items = typeof shape === 'number' ? [shape] : itemsOf(shape)
  if (items === undefined || items.length > DIMENSIONS_MAX) return
  return items.every((size) => Number.isSafeInteger(size) && (size as number) >= 0) ? (items as number[]) : undefined
}

function product(sizes: readonly number[] | undefined): number | undefined {
  return sizes?.reduce((all, size) => all * size, 1)
}

/** Text stands for bytes where a Python 2 `str` happened to be text. */
function bytesOf(value: Value | undefined): Uint8Array | undefined {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : value instanceof Uint8Array ? value : undefined
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
