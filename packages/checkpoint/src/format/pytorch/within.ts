import { isArtError } from '@art/core'
import type { Value } from '../../model-file.ts'
import { isZipStart } from '../../zip/zip.ts'
import { readLegacyBytes } from './legacy.ts'
import type { Reading } from './unpickle.ts'

const DEPTH_MAX = 8

/**
 * What `torch.storage._load_from_bytes` returns for these bytes: as a rule a storage. Python's own pickle saves each one so, always in the legacy
 * format: https://github.com/pytorch/pytorch/blob/main/torch/storage.py (`_StorageBase.__reduce__`). Undefined, and a warning, for what cannot
 * be read. Fails with `CORRUPT` where the budget is spent.
 */
export function readWithin(value: Value | undefined, reading: Reading): Value | undefined {
  const leave = (why: string): undefined => {
    reading.warnings.add(`a nested file of torch.save is not read: ${why}`)
  }
  if (!(value instanceof Uint8Array)) return leave('it is not in bytes')
  if (isZipStart(value)) return leave('it is an archive')
  if (reading.depth >= DEPTH_MAX) return leave(`it lies in ${DEPTH_MAX} others`)
  try {
    return readLegacyBytes(value, 'a nested file of torch.save', { ...reading, depth: reading.depth + 1 })
  } catch (error) {
    const { budget } = reading
    const isOfIt = isArtError(error, 'CORRUPT') || isArtError(error, 'UNSUPPORTED')
    if (!isOfIt || budget.values < 0 || budget.memory < 0) throw error
    return leave(error.message)
  }
}
