import { ArtError } from '@art/core'
import type { ModelFile, Storage, Value } from '../../model-file.ts'
import { newBudget } from '../../pickle/budget.ts'
import { OP, OpcodeReader } from '../../pickle/opcodes.ts'
import { isList } from '../../pickle/value.ts'
import { bytesSource } from '../../source/bytes.ts'
import type { Source } from '../../source.ts'
import { refuseExpansion } from './expansion.ts'
import { damaged, type StorageId, storageItemBytes, storageTable } from './storages.ts'
import { pickleStream } from './stream.ts'
import { type Reading, readValue, run } from './unpickle.ts'
import { listTensors, warningsOf } from './walk.ts'

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn
const VERSION = 1001
/** Before each storage. */
const COUNT_BYTES = 8
/** The magic number as LONG1 of ten bytes, or as protocols 0 and 1 write it. */
const MAGIC = [
  Buffer.from('\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.', 'latin1'),
  Buffer.from('L119547037146038801333356L\n.', 'latin1'),
]

export function isLegacyStart(start: Uint8Array): boolean {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength)
  // PROTO, and FRAME from protocol 4 on, stand before it.
  return MAGIC.some((magic) => {
    const at = bytes.indexOf(magic)
    return at >= 0 && at <= 11
  })
}

/**
 * What `torch.save` wrote before 1.6, and with `_use_new_zipfile_serialization=False`: five pickles (magic number, version, system, the
 * object, the keys of its storages), then for each key the number of elements, 8 bytes, and the elements, little-endian on any machine.
 * https://github.com/pytorch/pytorch/blob/main/torch/serialization.py (`_legacy_save`)
 */
export async function readLegacy(source: Source, reading: Reading): Promise<ModelFile> {
  const stream = pickleStream(source, reading)
  const next = async (): Promise<Value> => run(await stream.next(), reading).value
  if ((await next()) !== MAGIC_NUMBER) throw new ArtError('UNSUPPORTED', 'a pickle that torch.save did not write')
  if ((await next()) !== VERSION) throw damaged('it has a version that torch never wrote')
  // What machine it was written on does not matter.
  await next()
  const named = new Map<string, Named>()
  const find = (id: StorageId): Storage => nameStorage(named, id, source)
  const root = readValue(await stream.next(), storageTable(find, reading.budget), reading)
  const keys = await next()
  if (!isList(keys)) throw damaged('there is no list of its storages')
  await placeStorages(named, keys.items.map(String), stream.at, source, reading)
  const tensors = listTensors(root, newBudget(reading.limits))
  refuseExpansion(tensors, source.size)
  return {
    format: 'pytorch-legacy',
    tensors,
    root,
    metadata: new Map([['version', VERSION]]),
    imports: [...reading.imports].sort(),
    warnings: [...reading.warnings, ...warningsOf(tensors)],
  }
}

/** A storage that the object names; where it stands is known once its list of storages is read. */
interface Named {
  readonly storage: { -readonly [Key in keyof Storage]: Storage[Key] }
  /** Of the first id that named it, which is by whose elements it was counted. */
  readonly itemBytes: number
}

function nameStorage(named: Map<string, Named>, { key, dtype, length, device }: StorageId, source: Source): Storage {
  const known = named.get(key)
  if (known !== undefined) return known.storage
  const storage = { source, offset: 0, length, bigEndian: false, ...(device !== undefined && { device }) }
  named.set(key, { storage, itemBytes: storageItemBytes(dtype) })
  return storage
}

async function placeStorages(
  named: Map<string, Named>,
  keys: readonly string[],
  start: number,
  source: Source,
  { options }: Reading,
): Promise<void> {
  let at = start
  for (const key of keys) {
    const storage = named.get(key)?.storage
    at = placeStorage(named, key, at, await source.read(at, countBytes(at, source.size), options))
    if (storage !== undefined) storage.place = { offset: storage.offset }
  }
  allPlaced(named)
}

function countBytes(at: number, size: number): number {
  if (at + COUNT_BYTES > size) throw damaged('it ends before its storages')
  return COUNT_BYTES
}

/** Of the storage whose count of elements stands at `at`. Returns where the next one begins. */
function placeStorage(named: Map<string, Named>, key: string, at: number, counted: Uint8Array): number {
  const { storage, itemBytes } = named.get(key) ?? missing(`storage ${key} belongs to no tensor`)
  const count = Number(new DataView(counted.buffer, counted.byteOffset, COUNT_BYTES).getBigInt64(0, true))
  const offset = at + COUNT_BYTES
  if (count * itemBytes !== storage.length || offset + storage.length > storage.source.size) {
    throw damaged(`storage ${key} has ${count} elements, other than its tensors say or the file has room for`)
  }
  storage.offset = offset
  named.delete(key)
  return offset + storage.length
}

function allPlaced(named: ReadonlyMap<string, Named>): void {
  for (const key of named.keys()) missing(`storage ${key} is not in the file`)
}

/**
 * The object of such a file that is in memory, as the constant of a pickle: Python's own pickle saves each storage so, and
 * `torch.storage._load_from_bytes` loads it. Its storages are views of these bytes, and stand nowhere in the model file. Fails with `CORRUPT`.
 */
export function readLegacyBytes(bytes: Uint8Array, name: string, reading: Reading): Value {
  const source = bytesSource(name, bytes)
  let at = 0
  const next = (): Uint8Array => {
    const reader = new OpcodeReader(bytes, at)
    while (reader.next() !== OP.STOP) {
      // To its end.
    }
    const one = bytes.subarray(at, reader.end)
    at = reader.end
    return one
  }
  const isLegacy = run(next(), reading).value === MAGIC_NUMBER && run(next(), reading).value === VERSION
  if (!isLegacy) throw damaged('it is none that torch.save wrote')
  run(next(), reading)
  const named = new Map<string, Named>()
  const value = readValue(
    next(),
    storageTable((id) => nameStorage(named, id, source), reading.budget),
    reading,
  )
  const keys = run(next(), reading).value
  if (!isList(keys)) throw damaged('there is no list of its storages')
  for (const key of keys.items) {
    const counted = bytes.subarray(at, at + countBytes(at, bytes.length))
    at = placeStorage(named, String(key), at, counted)
  }
  allPlaced(named)
  return value
}

function missing(what: string): never {
  throw damaged(what)
}
