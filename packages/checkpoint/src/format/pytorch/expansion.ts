import { ArtError } from '@art/core'
import type { Storage, Tensor } from '../../model-file.ts'

const TIMES = 16
const MARGIN = 256 << 20

/**
 * A dimension of stride 0 repeats its elements, and many tensors may show one storage: a few bytes then stand for any number of them, and
 * whoever reads payloads would never end. Honest files repeat little. Fails with `CORRUPT`.
 */
export function refuseExpansion(tensors: readonly Tensor[], fileBytes: number): void {
  const storages = new Map<Storage, number>()
  let shown = 0
  for (const { storage, bytes } of tensors) {
    if (storage === undefined) continue
    storages.set(storage, storage.length)
    shown += bytes
  }
  let held = fileBytes
  for (const length of storages.values()) held += length
  if (shown > held * TIMES + MARGIN) {
    throw new ArtError('CORRUPT', `its tensors repeat ${held} bytes to ${shown}`, {
      hint: 'Do not use this file unless you trust who made it.',
    })
  }
}
