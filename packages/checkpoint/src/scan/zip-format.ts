import { archiveOf } from '../format/pytorch/archive.ts'
import { foldName, type Member, type Zip } from '../zip/zip.ts'
import type { ScanFormat } from './report.ts'

/** What an archive is, and what `torch.load` unpickles of it. */
export function formatOf(zip: Zip): { format: ScanFormat; loaded: Member | undefined } {
  const archive = archiveOf(zip, 0)
  const names = new Set(zip.members.map(({ name }) => name))
  // The one record that torch.load looks for in its exact case.
  if (names.has(`${archive?.folder}constants.pkl`)) return { format: 'torchscript', loaded: undefined }
  const loaded = archive?.find('data.pkl')
  if (loaded !== undefined) return { format: 'pytorch', loaded }
  const isExport = archive?.find('archive_format') !== undefined || archive?.find('models/model.json') !== undefined
  if (isExport || names.has('serialized_exported_program.json')) return { format: 'torch-export', loaded: undefined }
  const isArray = (name: string): boolean => foldName(name).endsWith('.npy')
  return { format: names.size > 0 && [...names].every(isArray) ? 'npz' : 'zip', loaded: undefined }
}
