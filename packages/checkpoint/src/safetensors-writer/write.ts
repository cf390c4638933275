import { createHash } from 'node:crypto'
import type { CallOptions } from '@art/core'
import type { Tensor } from '../model-file.ts'
import { payload } from '../payload.ts'
import type { DigestEntry } from '../weights/digest.ts'
import { type LayoutOptions, layoutOf } from './header.ts'

export interface SafetensorsOptions extends CallOptions, LayoutOptions {
  /** Hears of every tensor whose payload is written, so that the weights digest can be compared when all are. */
  readonly onTensor?: (entry: DigestEntry) => void
}

/** A file that can be written as often as needed. */
export interface SafetensorsFile {
  /** In bytes. */
  readonly size: number
  /** Whose payloads are read, in that order. */
  readonly tensors: readonly Tensor[]
  /** In the order of the file. The pieces are the reader's. */
  write(): AsyncGenerator<Uint8Array, void, undefined>
}

/**
 * A safetensors file of those tensors, payload by payload and in bounded memory: contiguous, little-endian, signs resolved. The same tensors and
 * metadata make the same bytes, those of the reference library. Fails with `UNSUPPORTED` for what the format cannot hold (sparse and quantized
 * tensors, tensors without data, some dtypes), and while writing as sources do.
 */
export function safetensorsFile(tensors: readonly Tensor[], options: SafetensorsOptions = {}): SafetensorsFile {
  const { header, tensors: placed, aliases, size } = layoutOf(tensors, options)
  return {
    size,
    tensors: placed,
    async *write() {
      yield header
      for (const tensor of placed) {
        const sha256 = yield* writeTensor(tensor, options)
        const { name, dtype, shape } = tensor
        if (sha256 === undefined) continue
        const names = [name, ...[...aliases].filter(([, kept]) => kept === name).map(([alias]) => alias)]
        for (const one of names) options.onTensor?.({ name: one, dtype, shape, sha256 })
      }
    },
  }
}

/** Returns the sha256 of the payload where somebody wants to hear of it. */
async function* writeTensor(
  tensor: Tensor,
  { signal, onEvent, onTensor }: SafetensorsOptions,
): AsyncGenerator<Uint8Array, string | undefined, undefined> {
  const hash = onTensor === undefined ? undefined : createHash('sha256')
  for await (const bytes of payload(tensor, { signal, onEvent })) {
    hash?.update(bytes)
    // A stream keeps what it is given until it has written it, and a source may use its memory again by then.
    yield new Uint8Array(bytes)
  }
  return hash?.digest('hex')
}
