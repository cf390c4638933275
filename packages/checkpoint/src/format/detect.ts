import { type CallOptions, isArtError } from '@art/core'
import type { Format } from '../model-file.ts'
import type { Source } from '../source.ts'
import type { Zip } from '../zip/archive.ts'
import { corruptZip } from '../zip/layout.ts'
import { isZipStart } from '../zip/start.ts'
import { INDEX_START_BYTES, indexKind, isSafetensorsStart } from './safetensors/detect.ts'

/** Enough for every magic number: tar's is at 257. */
const START_BYTES = 512

export interface Detected {
  readonly format: Format
  /** The file only names those that hold the model. */
  readonly isIndex?: boolean
  /** Of an archive that torch wrote: what was read for it to be told. */
  readonly zip?: Zip
}

/**
 * Which model format a file has, from its bytes, whatever its name; undefined for what is no model file. Damage further inside is the
 * reader's to find. Fails with `CORRUPT` for a model's archive whose list of members cannot be read.
 */
export async function detectFormat(source: Source, options?: CallOptions): Promise<Format | undefined> {
  return (await detect(source, options))?.format
}

export async function detect(source: Source, options?: CallOptions): Promise<Detected | undefined> {
  const start = Uint8Array.from(await source.read(0, Math.min(START_BYTES, source.size), options))
  const magic = Buffer.from(start.subarray(0, 6)).toString('latin1')
  if (magic.startsWith('GGUF')) return { format: 'gguf' }
  if (magic === '\x93NUMPY') return { format: 'npy' }
  if (isZipStart(start)) return detectArchive(start, source, options)
  if (isSafetensorsStart(start)) return { format: 'safetensors' }
  const { isPyTorchStart } = await import('./pytorch/read.ts')
  if (isPyTorchStart(start)) return { format: 'pytorch-legacy' }
  const { isOnnx } = await import('./onnx/detect.ts')
  if (await isOnnx(source, options)) return { format: 'onnx' }
  if (start[0] !== 0x7b && !/^\s/.test(magic)) return undefined
  const more = await source.read(0, Math.min(INDEX_START_BYTES, source.size), options)
  const kind = indexKind(more)
  return kind === undefined ? undefined : { format: kind, isIndex: true }
}

/** What the first member of a model's archive is called: torch's records, or an array. */
const MODEL_MEMBER =
  /^[^/]+\/(data\.pkl|constants\.pkl|byteorder|version|archive_format|\.\w+|data\/[0-9]+|code\/.*)$|\.npy$/

async function detectArchive(start: Uint8Array, source: Source, options?: CallOptions): Promise<Detected | undefined> {
  const { firstName, readZip } = await import('../zip/zip.ts')
  const isModel = MODEL_MEMBER.test(firstName(start))
  const zip = await readZip(source, options).catch((error: unknown) => {
    // A damaged archive of something else is no model, and none of ours to judge.
    if (isModel || !isArtError(error, 'CORRUPT')) throw error
  })
  if (zip === undefined) {
    if (isModel) throw corruptZip(source.name, 'it is cut off: there is no list of its members')
    return undefined
  }
  const { formatOfArchive } = await import('./pytorch/read.ts')
  const format = formatOfArchive(zip)
  if (format !== undefined) return { format, zip }
  return zip.members.some(({ name }) => name.endsWith('.npy')) ? { format: 'npz' } : undefined
}
