import { ArtError } from '@art/core'
import type { ModelFile, Storage } from '../../model-file.ts'
import { newBudget } from '../../pickle/budget.ts'
import type { Unpickled } from '../../pickle/machine.ts'
import { isList } from '../../pickle/value.ts'
import type { Source } from '../../source.ts'
import { refuseExpansion } from './expansion.ts'
import { damaged, type StorageId, storageItemBytes } from './storages.ts'
import { pickleStream } from './stream.ts'
import { plainOf, type Reading, run, storagesOf } from './unpickle.ts'
import { listTensors, warningsOf } from './walk.ts'

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn
const VERSION = 1001
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
  const next = async (): Promise<Unpickled> => run(await stream.next(), 0, reading)
  if ((await next()).value !== MAGIC_NUMBER) throw new ArtError('UNSUPPORTED', 'a pickle that torch.save did not write')
  if ((await next()).value !== VERSION) throw damaged('it has a version that torch never wrote')
  // What machine it was written on does not matter.
  await next()
  const pickle = await next()
  const keys = (await next()).value
  if (!isList(keys)) throw damaged('there is no list of its storages')
  const storages = await findStorages(source, stream.at, keys.items.map(String), storagesOf(pickle), reading)
  const find = ({ key }: StorageId): Storage => storages.get(key) ?? missing(key)
  const root = plainOf(pickle, find, reading)
  const tensors = listTensors(root, newBudget(reading.limits))
  refuseExpansion(tensors, source.size)
  return {
    format: 'pytorch-legacy',
    tensors,
    root,
    metadata: new Map([['version', VERSION]]),
    imports: [...reading.imports].sort(),
    warnings: warningsOf(tensors),
  }
}

async function findStorages(
  source: Source,
  start: number,
  keys: readonly string[],
  ids: readonly StorageId[],
  reading: Reading,
): Promise<Map<string, Storage>> {
  const storages = new Map<string, Storage>()
  const idOf = new Map(ids.map((id) => [id.key, id]))
  let at = start
  for (const key of keys) {
    const id = idOf.get(key)
    if (id === undefined) throw damaged(`storage ${key} belongs to no tensor`)
    const header = await source.read(at, 8, reading.options)
    const count = Number(new DataView(header.buffer, header.byteOffset, 8).getBigInt64(0, true))
    const length = count * storageItemBytes(id.dtype)
    if (length !== id.length || at + 8 + length > source.size) {
      throw damaged(`storage ${key} has ${count} elements, other than its tensors say or the file has room for`)
    }
    const offset = at + 8
    storages.set(key, {
      source,
      offset,
      length,
      bigEndian: false,
      place: { offset },
      ...(id.device !== undefined && { device: id.device }),
    })
    at = offset + length
  }
  return storages
}

function missing(key: string): never {
  throw damaged(`storage ${key} is not in the file`)
}
