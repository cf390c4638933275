import type { ModelFile, Storage, Value } from '../../model-file.ts'
import { newBudget } from '../../pickle/budget.ts'
import type { Member } from '../../zip/zip.ts'
import { type Archive, readRecord, readText } from './archive.ts'
import { refuseExpansion } from './expansion.ts'
import { recordStorages } from './record.ts'
import { damaged, type StorageId, storageTable } from './storages.ts'
import { type Reading, readValue } from './unpickle.ts'
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
    warnings: [...reading.warnings, ...warningsOf(tensors)],
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
  const bytes = await readRecord(archive, pickle, reading.limits, reading.options)
  const records = recordStorages(archive, bigEndian)
  const find = (id: StorageId): Storage => {
    const member = archive.find(folder + id.key)
    if (member === undefined) throw damaged(`the record of storage ${id.key} is missing`)
    return records.of(member, id.device)
  }
  const value = readValue(bytes, storageTable(find, reading.budget), reading)
  await records.place(reading.options)
  for (const record of archive.doubled)
    reading.warnings.add(`two records are named ${record}: not every reader takes the same`)
  return value
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
