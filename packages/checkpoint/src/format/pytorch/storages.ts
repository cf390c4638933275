import { ArtError } from '@art/core'
import { payloadBytes } from '../../dtype.ts'
import type { GlobalValue, Storage, Value } from '../../model-file.ts'
import { type Budget, spend } from '../../pickle/budget.ts'
import { isGlobal, isTuple, type MutableObject, object } from '../../pickle/value.ts'

/** What a persistent id of torch says: `('storage', class, key, location, numel)`, in the legacy format with a view behind. */
export interface StorageId {
  readonly type: GlobalValue
  readonly key: string
  /** Of an element, as the class says; an untyped storage has bytes. */
  readonly dtype: string
  readonly device: string | undefined
  /** In bytes. */
  readonly length: number
  /** Of the legacy format, in bytes of the whole storage. */
  readonly view: { readonly start: number; readonly length: number } | undefined
}

/** Part of a storage, as a tensor gets it. */
export interface StorageHandle {
  readonly storage: Storage
  readonly dtype: string
  /** In bytes. */
  readonly start: number
  readonly length: number
}

/** Torch goes by the name alone, whatever module it is in. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['DoubleStorage', 'float64'],
  ['FloatStorage', 'float32'],
  ['HalfStorage', 'float16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
  ['BFloat16Storage', 'bfloat16'],
  ['ComplexDoubleStorage', 'complex128'],
  ['ComplexFloatStorage', 'complex64'],
  ['QInt8Storage', 'qint8'],
  ['QInt32Storage', 'qint32'],
  ['QUInt8Storage', 'quint8'],
  ['QUInt4x2Storage', 'quint4x2'],
  ['QUInt2x4Storage', 'quint2x4'],
  ['UntypedStorage', 'uint8'],
])

/** Of an element, as the class says; undefined for a class that torch does not know. */
export function storageDtype(type: GlobalValue): string | undefined {
  return CLASSES.get(type.name)
}

/** Bytes of memory: a storage, its source, and what is noted of it. */
const STORAGE_COST = 450

/** Undefined for what is no id of a storage. Fails with `CORRUPT` where it is one and its numbers are impossible. */
export function parseStorageId(id: Value): StorageId | undefined {
  if (!isTuple(id) || textOf(id.items[0]) !== 'storage') return
  const [, type, key, location, numel, view] = id.items
  const dtype = isGlobal(type) ? storageDtype(type) : undefined
  if (!isGlobal(type) || dtype === undefined) throw damaged('it has a storage of an unknown class')
  if (typeof key !== 'string' && typeof key !== 'number') throw damaged('a storage has no key')
  const length = storageBytes(dtype, numel)
  const [, first, size] = isTuple(view) ? view.items : []
  return {
    type,
    key: String(key),
    dtype,
    device: textOf(location),
    length,
    view: first === undefined ? undefined : { start: storageBytes(dtype, first), length: storageBytes(dtype, size) },
  }
}

/** Packed storages count bytes, not elements. */
function storageBytes(dtype: string, count: Value | undefined): number {
  const bytes = Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) * storageItemBytes(dtype) : -1
  if (bytes < 0 || !Number.isSafeInteger(bytes)) throw damaged('a storage has an impossible size')
  return bytes
}

/** Bytes by which storages of a class are counted. */
export function storageItemBytes(dtype: string): number {
  return payloadBytes(dtype, 1) ?? 1
}

/** Of all pickles: one can hold the file of another, and is given its storages. */
const handles = new WeakMap<MutableObject, StorageHandle>()

/** The storages of one pickle: what its persistent ids became. */
export interface StorageTable {
  /** What stands in the object for an id; the same each time. Undefined for an id that is none of a storage. */
  resolve(id: Value): Value | undefined
  /** Of what `resolve` returned, of this table or of a pickle within this one. */
  handleOf(value: Value | undefined): StorageHandle | undefined
}

/**
 * `find` gives the storage of a key, always the same one. Fails with `CORRUPT` where an id needs more of it than there is, and where the ids
 * are more than the budget allows.
 */
export function storageTable(find: (id: StorageId) => Storage, budget: Budget): StorageTable {
  const resolved = new Map<string, MutableObject[]>()
  return {
    resolve(id) {
      const wanted = parseStorageId(id)
      if (wanted === undefined) return
      const { start, length } = wanted.view ?? { start: 0, length: wanted.length }
      const isSame = (made: MutableObject): boolean => {
        const handle = handles.get(made)!
        return handle.dtype === wanted.dtype && handle.start === start && handle.length === length
      }
      const others = resolved.get(wanted.key)
      const known = others?.find(isSame)
      if (known !== undefined) return known
      spend(budget, others?.length ?? 0, STORAGE_COST)
      const storage = find(wanted)
      const used = Math.max(wanted.length, start + length)
      if (used > storage.length || start + length > wanted.length) {
        throw damaged(`storage ${wanted.key} has ${storage.length} bytes and is used as if it had ${used}`)
      }
      const made = object(wanted.type, undefined)
      handles.set(made, { storage, dtype: wanted.dtype, start, length })
      if (others === undefined) resolved.set(wanted.key, [made])
      else others.push(made)
      return made
    },
    handleOf: (value) =>
      typeof value === 'object' && value !== null ? handles.get(value as MutableObject) : undefined,
  }
}

function textOf(value: Value | undefined): string | undefined {
  // With `encoding='bytes'` in mind: files of Python 2.
  return typeof value === 'string'
    ? value
    : value instanceof Uint8Array
      ? Buffer.from(value).toString('latin1')
      : undefined
}

export function damaged(what: string): ArtError {
  return new ArtError('CORRUPT', `damaged model file: ${what}`, { hint: 'Fetch or save the file again.' })
}
