import { ArtError } from '@art/core'
import { compareUtf8 } from '../compare-utf8.ts'
import type { Tensor } from '../model-file.ts'
import { createIdentities } from '../weights/identity.ts'
import { type StoredAs, storedAs } from './dtype.ts'

/** The reference refuses longer headers. */
const HEADER_MAX = 100_000_000

/** Data starts at a multiple of this, after a header that is filled up with spaces. */
const ALIGNMENT = 8

export interface Layout {
  /** Length and JSON, to where the data starts. */
  readonly header: Buffer
  /** In the order of the data, which lies without gaps. */
  readonly tensors: readonly Tensor[]
  /** Names that are in the metadata only → the tensor they stand for. */
  readonly aliases: ReadonlyMap<string, string>
  /** Of the whole file, in bytes. */
  readonly size: number
}

export interface LayoutOptions {
  readonly metadata?: ReadonlyMap<string, string> | undefined
  /**
   * What to do with names of one and the same tensor, which safetensors cannot share: `copy` writes the payload for each, so that `load_file` has
   * all names; `alias` writes that of the first by name, as `safetensors.torch.save_model` does for `load_model`. Either way the metadata has of
   * each other name which one it is, as `save_model` writes it.
   */
  readonly shared?: 'copy' | 'alias' | undefined
}

/** Where everything goes: as the reference library would put it, so that the same tensors make the same bytes. Fails with `UNSUPPORTED`. */
export function layoutOf(given: readonly Tensor[], { metadata, shared = 'copy' }: LayoutOptions = {}): Layout {
  const named = [...given].sort((a, b) => compareUtf8(a.name, b.name))
  checkNames(named)
  const sameAs = sharedAmong(named)
  const aliases = shared === 'alias' ? sameAs : new Map<string, string>()
  const placed = named
    .filter(({ name }) => !aliases.has(name))
    .map((tensor) => ({ tensor, stored: storedOrFail(tensor) }))
    .sort((a, b) => a.stored.rank - b.stored.rank)
  const entries = new Map([...(metadata ?? []), ...sameAs].sort(([a], [b]) => compareUtf8(a, b)))
  let end = 0
  const parts = placed.map(({ tensor, stored }) => {
    const start = end
    end += tensor.bytes
    const entry = { dtype: stored.dtype, shape: stored.shape, data_offsets: [start, end] }
    return `${JSON.stringify(tensor.name)}:${JSON.stringify(entry)}`
  })
  if (entries.size > 0) parts.unshift(`"__metadata__":${jsonOf(entries)}`)
  const json = Buffer.from(`{${parts.join(',')}}`)
  const padded = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT
  if (padded > HEADER_MAX)
    throw refused('', `its header of ${padded} bytes is beyond the format's limit`, 'Split the model.')
  const header = Buffer.alloc(8 + padded, ' ')
  header.writeBigUInt64LE(BigInt(padded))
  header.set(json, 8)
  return { header, tensors: placed.map(({ tensor }) => tensor), aliases, size: header.length + end }
}

/** Not `JSON.stringify` of an object: it would reorder keys that are numbers. */
function jsonOf(entries: ReadonlyMap<string, string>): string {
  return `{${[...entries].map(([key, value]) => `${JSON.stringify(wellFormed(key))}:${JSON.stringify(wellFormed(value))}`).join(',')}}`
}

/** Without lone surrogates, which no UTF-8 holds. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function checkNames(sorted: readonly Tensor[]): void {
  for (const [i, { name }] of sorted.entries()) {
    if (name === '__metadata__' || wellFormed(name) !== name)
      throw refused(name, 'safetensors cannot hold a tensor of that name')
    if (name === sorted[i + 1]?.name) throw refused(name, 'two tensors have that name')
  }
}

function storedOrFail({ name, dtype, shape, storage, layout }: Tensor): StoredAs {
  if (layout !== undefined) {
    const hint = layout === 'quantized' ? 'Save it after `tensor.dequantize()`.' : 'Save it after `tensor.to_dense()`.'
    throw refused(name, `safetensors holds dense tensors only, and this is ${layout}`, hint)
  }
  if (storage === undefined) throw refused(name, 'the tensor has no data: it was saved from the meta device')
  const stored = storedAs(dtype, shape)
  if (stored === undefined)
    throw refused(name, `safetensors has no dtype ${dtype}`, 'Convert the tensor and save it again.')
  return stored
}

/** Name → the first name, in the order of their bytes, of the same view of the same storage. */
function sharedAmong(sorted: readonly Tensor[]): Map<string, string> {
  const first: string[] = []
  const identify = createIdentities()
  const aliases = new Map<string, string>()
  for (const tensor of sorted) {
    const identity = identify(tensor)
    if (identity === undefined) continue
    const kept = first[identity]
    if (kept === undefined) first[identity] = tensor.name
    else aliases.set(tensor.name, kept)
  }
  return aliases
}

function refused(path: string, message: string, hint = 'Export the model with its own library.'): ArtError {
  return new ArtError('UNSUPPORTED', message, { path, hint })
}
