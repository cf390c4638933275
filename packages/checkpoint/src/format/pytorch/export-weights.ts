import type { Value } from '../../model-file.ts'
import { type Entry, isDict } from '../../pickle/value.ts'
import { type Archive, readRecord } from './archive.ts'
import { exportDevice, exportDtype, exportNumbers } from './export-meta.ts'
import { at, type Json, membersOf, parseJson } from './json.ts'
import { readNested } from './nested.ts'
import { type RecordStorages, recordStorages } from './record.ts'
import { damaged } from './storages.ts'
import { strided } from './tensor.ts'
import { isBigEndian } from './torch-zip.ts'
import type { Reading } from './unpickle.ts'

/**
 * Tensors by their names, from the list that describes them; older archives have one nested file instead. Each record is a storage, of which
 * several tensors can be views. Objects that are no tensors are left out.
 */
export async function readWeights(
  archive: Archive,
  folder: string,
  list: string,
  older: string,
  reading: Reading,
): Promise<Entry[]> {
  const nested = archive.find(folder + older)
  if (nested !== undefined) {
    const value = nested.size === 0 ? null : await readNested(archive.zip, nested, reading)
    return isDict(value) ? value.entries : []
  }
  const member = archive.find(folder + list)
  if (member === undefined) return []
  const config = parseJson(await readRecord(archive, member, reading.limits, reading.options), list)
  const records = recordStorages(archive, await isBigEndian(archive, reading))
  const entries: Entry[] = []
  for (const [name, meta] of membersOf(at(config, 'config'))) {
    const value = await readWeight(archive, folder, meta, records, reading)
    if (value !== undefined) entries.push([name, value])
  }
  await records.place(reading.options)
  return entries
}

async function readWeight(
  archive: Archive,
  folder: string,
  meta: Json,
  records: RecordStorages,
  reading: Reading,
): Promise<Value | undefined> {
  const [path, isPickled, tensor] = [at(meta, 'path_name'), at(meta, 'use_pickle'), at(meta, 'tensor_meta')]
  const dtype = exportDtype(tensor)
  if (typeof path !== 'string' || tensor === undefined || tensor === null) return
  const member = archive.find(folder + path)
  if (member === undefined) throw damaged(`there is no record ${path}`)
  if (isPickled === true) return readNested(archive.zip, member, reading)
  if (dtype === undefined) return
  const made = records.of(member, exportDevice(tensor))
  const view = strided(
    { storage: made, dtype, start: 0, length: made.length },
    {
      dtype,
      size: exportNumbers(at(tensor, 'sizes')),
      stride: exportNumbers(at(tensor, 'strides')),
      offset: at(tensor, 'storage_offset', 'as_int') as Value,
    },
  )
  const facts = {
    ...(at(tensor, 'requires_grad') === true && { requiresGrad: true }),
    ...(at(meta, 'is_param') === true && { parameter: true }),
  }
  return view && { kind: 'tensor', tensor: { ...view, ...facts } }
}
