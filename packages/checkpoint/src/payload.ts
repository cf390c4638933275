import type { CallOptions } from '@art/core'
import type { Tensor } from './model-file.ts'
import { boxesOfView, readBox, runWith } from './view/read.ts'
import { viewOf } from './view/view.ts'

/**
 * A tensor's payload: its values contiguous, row-major and little-endian, in blocks of bounded size. What torch keeps as conjugated or negated
 * becomes the values: the sign bits are flipped, so that the payload is that of `tensor.resolve_conj().resolve_neg().contiguous()`. A block is
 * the reader's until it asks for the next one, and not to be written to; where nothing has to be done it is what the source gave.
 *
 * Fails with `UNSUPPORTED` where the tensor has no data (meta device), and with `CORRUPT`.
 */
export async function* payload(tensor: Tensor, options?: CallOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const view = viewOf(tensor, tensor.name)
  const scratch = { bytes: new Uint8Array(0) }
  if (tensor.bytes === 0) return
  for (const box of boxesOfView(view)) yield await runWith(readBox(view, box, scratch), tensor.storage!, options)
}
