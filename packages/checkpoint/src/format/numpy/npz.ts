import type { CallOptions } from '@art/core'
import type { ModelFile, Tensor } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { dataOffset, type Member, openMember, readZip, type Zip } from '../../zip/zip.ts'
import { warn } from '../warning.ts'
import { corruptNpy, readNpyHeader } from './header.ts'
import { npyTensor } from './npy.ts'

const SUFFIX = '.npy'
const STORED = 0
/** Each may have to be inflated to see its header; a model has a few hundred. */
const ARRAYS_MAX = 20_000

/**
 * Reads a `.npz` file, a zip archive of arrays: their headers alone, which of a compressed one means that its first bytes are inflated. Of
 * two members with one name the last counts, as for NumPy. Fails with `CORRUPT` or `UNSUPPORTED`, also where one array of many does.
 */
export async function readNpz(source: Source, options?: CallOptions): Promise<ModelFile> {
  const zip = await readZip(source, options)
  if (zip === undefined) throw corruptNpy(source.name, 'a .npz without a list of its members')
  const warnings: string[] = []
  const tensors: Tensor[] = []
  for (const member of arraysOf(zip, warnings)) {
    options?.signal?.throwIfAborted()
    tensors.push(await readMember(zip, member, warnings, options))
  }
  return { format: 'npz', tensors, metadata: new Map(), imports: [], warnings }
}

function arraysOf(zip: Zip, warnings: string[]): Iterable<Member> {
  const arrays = new Map<string, Member>()
  let others = 0
  for (const member of zip.members) {
    if (!member.name.endsWith(SUFFIX)) {
      if (others++ === 0) warn(warnings, `${member.name} is no array`)
      continue
    }
    if (arrays.has(member.name))
      warn(warnings, `two arrays are named ${member.name}: the last one counts, as for NumPy`)
    arrays.set(member.name, member)
  }
  if (others > 1) warn(warnings, `${others - 1} more members are no arrays`)
  if (arrays.size > ARRAYS_MAX) throw corruptNpy(zip.source.name, `it has ${arrays.size} arrays`)
  return arrays.values()
}

async function readMember(zip: Zip, member: Member, warnings: string[], options?: CallOptions): Promise<Tensor> {
  const name = member.name.slice(0, -SUFFIX.length)
  const source = await openMember(zip, member, options)
  const header = await readNpyHeader(source, options)
  // Inflating begins anew for whoever reads the elements: thousands of half-read members would take much memory.
  await source.close()
  const placeAt = member.method === STORED ? await dataOffset(zip, member, options) : undefined
  return npyTensor(name, header, { source, placeAt }, warnings)
}
