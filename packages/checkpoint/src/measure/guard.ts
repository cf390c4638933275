import { ArtError } from '@art/core'
import type { Tensor } from '../model-file.ts'
import { createIdentities } from '../weights/identity.ts'

/** Payloads may be this many bytes more than twice the storages: a few bytes of a file can name any number of large views of one storage. */
const SPARE_BYTES = 256 << 20

/**
 * Is told of every tensor before its payload is read. Returns their numbers as `createIdentities` does. Fails with `CORRUPT` where the views of few bytes would take very long to go through.
 */
export function workGuard(): (tensor: Omit<Tensor, 'name'>, name: string) => number | undefined {
  const identify = createIdentities()
  const storages = new Set<unknown>()
  let seen = 0
  let stored = 0
  let payload = 0
  return (tensor, name) => {
    const identity = identify(tensor)
    if (identity === undefined || identity < seen) return identity
    seen++
    if (!storages.has(tensor.storage)) stored += tensor.storage!.length
    storages.add(tensor.storage)
    payload += tensor.bytes
    if (payload <= 2 * stored + SPARE_BYTES) return identity
    throw new ArtError(
      'CORRUPT',
      `its tensors so far are ${payload} bytes long, and what they are views of ${stored}`,
      {
        path: name,
        hint: 'Save the model again after `tensor.clone()` of expanded and overlapping tensors.',
      },
    )
  }
}
