import type { ModelFile, Storage, Tensor, Value } from '../../model-file.ts'
import { newBudget } from '../../pickle/budget.ts'
import { isGlobal, isList, isTuple, itemsOf } from '../../pickle/value.ts'
import type { Source } from '../../source.ts'
import { sliceSource } from '../../source/slice.ts'
import { refuseExpansion } from './expansion.ts'
import { torchEager } from './knowledge.ts'
import { tensorValue } from './rebuild.ts'
import { damaged, type StorageHandle, storageDtype, storageItemBytes, storageTable } from './storages.ts'
import { pickleStream } from './stream.ts'
import { findTarMember } from './tar-member.ts'
import { strided } from './tensor.ts'
import { plainOf, type Reading, run } from './unpickle.ts'
import { listTensors, warningsOf } from './walk.ts'

export { isTarStart } from './tar-member.ts'

interface Part extends Source {
  /** In the file. */
  readonly offset: number
}

type Handles = Map<number, StorageHandle>
type Tensors = Map<number, Omit<Tensor, 'name'>>

/**
 * What the first versions of torch wrote, before 0.1.10: a tar archive of `storages` (a pickle and the elements for each), `tensors` (a
 * pickle and 64-bit numbers for each) and `pickle`, the object, which names both by numbers.
 * https://github.com/pytorch/pytorch/blob/main/torch/serialization.py (`legacy_load` in `_legacy_load`)
 */
export async function readTorchTar(source: Source, reading: Reading): Promise<ModelFile> {
  const member = async (name: string): Promise<Part> => {
    const place = await findTarMember(source, name, reading.options)
    if (place === undefined) throw damaged(`there is no ${name} in the archive`)
    return { ...sliceSource(source, place.offset, place.length), offset: place.offset }
  }
  const handles = await readStorages(source, await member('storages'), reading)
  const known = await readTensors(await member('tensors'), handles, reading)
  const stream = pickleStream(await member('pickle'), reading)
  const storages = storageTable(() => missing('a storage by its name'), reading.budget)
  const persistent = (id: Value): Value | undefined => {
    // A class with its source text, or the number of a tensor.
    if (isTuple(id)) return id.items[0]
    return tensorValue(known.get(numberOf(id))) ?? missing(`tensor ${String(id)}`)
  }
  const { value } = run(await stream.next(), reading, { ...torchEager(storages), persistent })
  const root = plainOf(value, storages, reading)
  const tensors = listTensors(root, newBudget(reading.limits))
  refuseExpansion(tensors, source.size)
  return {
    format: 'pytorch-legacy',
    tensors,
    root,
    metadata: new Map(),
    imports: [...reading.imports].sort(),
    warnings: [...reading.warnings, ...warningsOf(tensors)],
  }
}

/** For each storage its key, location and class, then 8 bytes of count and its elements; at the end a list of views of them. */
async function readStorages(file: Source, member: Part, reading: Reading): Promise<Handles> {
  const handles: Handles = new Map()
  const stream = pickleStream(member, reading)
  const count = await readCount(stream.next(), reading)
  for (let i = 0; i < count; i++) {
    const [key, location, type] = itemsOf(run(await stream.next(), reading).value) ?? []
    const dtype = isGlobal(type) ? storageDtype(type) : undefined
    if (dtype === undefined) throw damaged('it has a storage of an unknown class')
    const header = viewOf(await member.read(stream.at, 8, reading.options))
    const length = Number(header.getBigInt64(0, true)) * storageItemBytes(dtype)
    const at = stream.at + 8
    if (length < 0 || at + length > member.size) throw damaged('a storage has more elements than the file has room for')
    const storage: Storage = {
      source: file,
      offset: member.offset + at,
      length,
      bigEndian: false,
      place: { offset: member.offset + at },
      ...(typeof location === 'string' && { device: location }),
    }
    handles.set(numberOf(key), { storage, dtype, start: 0, length })
    stream.at = at + length
  }
  const views = run(await stream.next(), reading).value
  for (const view of isList(views) ? views.items : []) {
    const [target, root, offset, size] = (itemsOf(view) ?? []).map(numberOf)
    const whole = handles.get(root ?? Number.NaN) ?? missing('a storage that another is a view of')
    const item = storageItemBytes(whole.dtype)
    const part = { start: (offset ?? Number.NaN) * item, length: (size ?? Number.NaN) * item }
    if (!(part.start >= 0 && part.length >= 0 && part.start + part.length <= whole.length)) {
      throw damaged('a view reaches beyond its storage')
    }
    handles.set(target ?? Number.NaN, { ...whole, ...part })
  }
  return handles
}

/** For each tensor its key, storage and class, then dimensions (4 bytes, 4 unused), sizes, strides and offset (8 bytes each). */
async function readTensors(member: Source, handles: Handles, reading: Reading): Promise<Tensors> {
  const tensors: Tensors = new Map()
  const stream = pickleStream(member, reading)
  const count = await readCount(stream.next(), reading)
  for (let i = 0; i < count; i++) {
    const [key, storage] = (itemsOf(run(await stream.next(), reading).value) ?? []).map(numberOf)
    const handle = handles.get(storage ?? Number.NaN) ?? missing('a storage of a tensor')
    const dimensions = viewOf(await member.read(stream.at, 4, reading.options)).getInt32(0, true)
    if (dimensions < 0 || dimensions > 64) throw damaged(`a tensor has ${dimensions} dimensions`)
    const numbers = viewOf(await member.read(stream.at + 8, 8 * (2 * dimensions + 1), reading.options))
    const all = Array.from({ length: 2 * dimensions + 1 }, (_, n) => Number(numbers.getBigInt64(n * 8, true)))
    stream.at += 8 + 8 * all.length
    const tensor = strided(handle, {
      dtype: handle.dtype,
      size: { kind: 'tuple', items: all.slice(0, dimensions) },
      stride: { kind: 'tuple', items: all.slice(dimensions, -1) },
      offset: all.at(-1),
    })
    if (tensor !== undefined) tensors.set(key ?? Number.NaN, tensor)
  }
  return tensors
}

async function readCount(bytes: Promise<Uint8Array>, reading: Reading): Promise<number> {
  const count = run(await bytes, reading).value
  if (!Number.isSafeInteger(count) || (count as number) < 0) throw damaged('it has an impossible count')
  return count as number
}

/** Keys were addresses, written as numbers or as text. */
function numberOf(value: Value | undefined): number {
  return typeof value === 'string' || typeof value === 'bigint'
    ? Number(value)
    : typeof value === 'number'
      ? value
      : Number.NaN
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function missing(what: string): never {
  throw damaged(`${what} is not in the file`)
}
