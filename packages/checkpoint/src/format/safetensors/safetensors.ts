import type { CallOptions } from '@art/core'
import { LIMITS, type ModelFile, type Tensor } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { corruptSafetensors, type Entry, parseHeader } from './header.ts'

const LENGTH_BYTES = 8

/**
 * Reads a safetensors file, its header alone: u64 length, JSON, data (github.com/huggingface/safetensors). Tensors are in the order of
 * their data. `file`: its name where it is a part of a model in several. Fails with `CORRUPT` for what the reference library refuses.
 */
export async function readSafetensors(source: Source, options?: CallOptions, file?: string): Promise<ModelFile> {
  const fail = (what: string): Error => corruptSafetensors(source.name, what)
  if (source.size < LENGTH_BYTES) throw fail('it has no header')
  const start = Buffer.from(await source.read(0, LENGTH_BYTES, options))
  const length = start.readBigUInt64LE(0)
  if (length > BigInt(LIMITS.tableBytes)) throw fail(`its header of ${length} bytes is beyond the format's limit`)
  const dataAt = LENGTH_BYTES + Number(length)
  if (dataAt > source.size) throw fail(`its header ends at ${dataAt}, the file at ${source.size}`)
  const header = parseHeader(
    await source.read(LENGTH_BYTES, Number(length), options),
    source.size - dataAt,
    source.name,
  )
  return {
    format: 'safetensors',
    tensors: header.entries.map((entry) => tensorOf(source, dataAt, entry, file)),
    metadata: header.metadata,
    imports: [],
    warnings: [],
  }
}

function tensorOf(source: Source, dataAt: number, entry: Entry, file: string | undefined): Tensor {
  const { name, dtype, shape, elements } = entry
  const offset = dataAt + entry.start
  const bytes = entry.end - entry.start
  const storage = {
    source,
    offset,
    length: bytes,
    bigEndian: false,
    place: file === undefined ? { offset } : { offset, file },
  }
  return { name, dtype, shape, elements, bytes, storage, offset: 0 }
}
