import { ArtError } from '@art/core'
import type { Storage, Tensor } from '../../model-file.ts'

const TIMES = 16
const MARGIN = 256 << 20

/** Of a compressed archive; `torch.save` compresses nothing. */
const INFLATED_TIMES = 64
const INFLATED_MARGIN = 512 << 20

const HINT = 'Do not use this file unless you trust who made it.'

/**
 * A dimension of stride 0 repeats its elements, and many tensors may show one storage: a few bytes then stand for any number of them, and
 * whoever reads payloads would never end. Honest files repeat little. So it is with records that stand for thousands of times their bytes. Fails
 * with `CORRUPT`.
 */
export function refuseExpansion(tensors: readonly Tensor[], fileBytes: number): void {
  const storages = new Map<Storage, number>()
  let shown = 0
  for (const { storage, bytes } of tensors) {
    if (storage === undefined) continue
    storages.set(storage, storage.length)
    shown += bytes
  }
  let stored = 0
  for (const length of storages.values()) stored += length
  if (stored > fileBytes * INFLATED_TIMES + INFLATED_MARGIN) {
    throw new ArtError('CORRUPT', `its records inflate ${fileBytes} bytes to ${stored}`, { hint: HINT })
  }
  const held = fileBytes + stored
  if (shown > held * TIMES + MARGIN) {
    throw new ArtError('CORRUPT', `its tensors repeat ${held} bytes to ${shown}`, { hint: HINT })
  }
}
