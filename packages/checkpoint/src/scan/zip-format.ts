import type { CallOptions } from '@art/core'
import { findMember, foldName, type Member, openMember, type Zip } from '../zip/zip.ts'
import type { ScanFormat } from './report.ts'

/** The folder that torch takes all members from: that of the first one. */
function rootOf(zip: Zip): string | undefined {
  const first = zip.members[0]?.name
  return first?.includes('/') === true ? first.slice(0, first.indexOf('/')) : undefined
}

/** What `torch.load` unpickles: the first `data.pkl` in any case, below that folder. */
export function loadedMember(zip: Zip): Member | undefined {
  const root = rootOf(zip)
  return root === undefined ? undefined : findMember(zip, `${root}/data.pkl`)
}

export async function formatOf(zip: Zip, options?: CallOptions): Promise<ScanFormat> {
  const root = rootOf(zip) ?? ''
  if (findMember(zip, `${root}/constants.pkl`) !== undefined) return 'torchscript'
  const marker = findMember(zip, `${root}/archive_format`)
  if (marker !== undefined && marker.size < 100) {
    const source = await openMember(zip, marker, options)
    const text = Buffer.from(await source.read(0, source.size, options))
      .toString('latin1')
      .trim()
    await source.close()
    if (text === 'pt2') return 'torch-export'
  }
  if (loadedMember(zip) !== undefined) return 'pytorch'
  const isArray = ({ name }: Member): boolean => foldName(name).endsWith('.npy')
  return zip.members.length > 0 && zip.members.every(isArray) ? 'npz' : 'zip'
}
