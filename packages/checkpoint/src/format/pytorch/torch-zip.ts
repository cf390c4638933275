import type { ModelFile, Storage, Value } from '../../model-file.ts'
import { newBudget } from '../../pickle/budget.ts'
import type { Member } from '../../zip/zip.ts'
import { type Archive, readRecord, readText } from './archive.ts'
import { refuseExpansion } from './expansion.ts'
import { recordStorage } from './record.ts'
import { damaged, type StorageId } from './storages.ts'
import { plainOf, type Reading, run, storagesOf } from './unpickle.ts'
import { listTensors, warningsOf } from './walk.ts'

/**
 * What `torch.save` has written since 1.6: `data.pkl`, and a record `data/N` for each storage, in the order of bytes that `byteorder`
 * names. Reads the pickle and these small records, never a payload.
 */
export async function readTorchZip(archive: Archive, pickle: Member, reading: Reading): Promise<ModelFile> {
  const bigEndian = await isBigEndian(archive, reading)
  const root = await readObject(archive, pickle, 'data/', bigEndian, reading)
  const tensors = listTensors(root, newBudget(reading.limits))
  refuseExpansion(tensors, archive.zip.source.size)
  return {
    format: 'pytorch',
    tensors,
    root,
    metadata: await containerFacts(archive, reading),
    imports: [...reading.imports].sort(),
    warnings: warningsOf(tensors),
  }
}

/** The object of one pickle in an archive, its storages being the records below `folder`. */
export async function readObject(
  archive: Archive,
  pickle: Member,
  folder: string,
  bigEndian: boolean,
  reading: Reading,
): Promise<Value> {
  const unpickled = run(await readRecord(archive, pickle, reading.limits, reading.options), 0, reading)
  const storages = new Map<string, Storage>()
  const wanted = storagesOf(unpickled).map((id) => ({ id, member: archive.find(folder + id.key) }))
  // In the order of the file: where local headers have to be read, reading goes forward.
  wanted.sort((a, b) => (a.member?.offset ?? 0) - (b.member?.offset ?? 0))
  const byMember = new Map<Member, Storage>()
  for (const { id, member } of wanted) {
    if (member === undefined) throw missing(id)
    const known = byMember.get(member)
    const storage = known ?? (await recordStorage(archive, member, { bigEndian, device: id.device }, reading.options))
    byMember.set(member, storage)
    storages.set(id.key, storage)
  }
  const find = (id: StorageId): Storage => {
    const storage = storages.get(id.key)
    if (storage === undefined) throw missing(id)
    return storage
  }
  return plainOf(unpickled, find, reading)
}

export async function isBigEndian(archive: Archive, reading: Reading): Promise<boolean> {
  const order = await readText(archive, 'byteorder', reading.limits, reading.options)
  if (order !== undefined && order !== 'little' && order !== 'big')
    throw damaged('its order of bytes is neither little nor big')
  return order === 'big'
}

/** What the container says of itself, from records of a few bytes. */
export async function containerFacts(archive: Archive, reading: Reading): Promise<ReadonlyMap<string, Value>> {
  const facts = new Map<string, Value>()
  for (const record of ['version', '.data/version', 'byteorder', '.format_version', '.storage_alignment']) {
    const member = archive.find(record)
    if (member === undefined || member.size > 100) continue
    facts.set(
      record.replace('.data/', ''),
      (await readText(archive, record, reading.limits, reading.options))?.trim() ?? '',
    )
  }
  return facts
}

function missing(id: StorageId): Error {
  return damaged(`the record of storage ${id.key} is missing`)
}
