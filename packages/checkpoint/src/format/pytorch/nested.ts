import type { Value } from '../../model-file.ts'
import { dataOffset, type Member, openMember, readZip, type Zip } from '../../zip/zip.ts'
import { archiveOf } from './archive.ts'
import { damaged } from './storages.ts'
import { isBigEndian, readObject } from './torch-zip.ts'
import type { Reading } from './unpickle.ts'

const STORED = 0

/** The object of a torch zip that is a member of another archive. Fails with `CORRUPT` where it is none. */
export async function readNested(zip: Zip, member: Member, reading: Reading): Promise<Value> {
  const source = await openMember(zip, member, reading.options)
  const inner = await readZip(source, reading.options)
  const base = member.method === STORED ? await dataOffset(zip, member, reading.options) : undefined
  const archive = inner && archiveOf(inner, base)
  const pickle = archive?.find('data.pkl')
  if (archive === undefined || pickle === undefined) throw damaged(`${member.name} is no file that torch.save wrote`)
  return readObject(archive, pickle, 'data/', await isBigEndian(archive, reading), reading)
}
