import { ArtError } from '@art/core'
import type { Tensor } from '../model-file.ts'
import { identityOf } from '../weights/identity.ts'

/** Payloads may be this many bytes more than twice the storages: a few bytes of a file can name any number of large views of one storage. */
const SPARE_BYTES = 256 << 20

/**
 * Is told of every tensor before its payload is read. Returns what is the same for tensors that are one view of one storage, undefined where there
 * is no data. Fails with `CORRUPT` where the views of few bytes would take very long to go through.
 */
export function workGuard(): (tensor: Omit<Tensor, 'name'>, name: string) => string | undefined {
  const storages = new Map<unknown, number>()
  const seen = new Set<string>()
  let stored = 0
  let payload = 0
  return (tensor, name) => {
    const count = storages.size
    const identity = identityOf(tensor, storages)
    if (storages.size > count) stored += tensor.storage!.length
    if (identity === undefined || seen.has(identity)) return identity
    seen.add(identity)
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
