import { ArtError, type CallOptions } from '@art/core'
import { LIMITS, type ModelFile, type Tensor, type Value } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { cursorOf } from '../../source/cursor.ts'
import { TENSORS_MAX } from '../bounds.ts'
import { ggufReader, type GgufReader } from './reader.ts'
import { placeTensors, readTensorInfos } from './tensors.ts'
import { readValue } from './value.ts'

const MAGIC_BYTES = 4
const FIXED_BYTES = 24
const ALIGNMENT_KEY = 'general.alignment'
const ALIGNMENT = 32

/**
 * Reads a GGUF file (github.com/ggml-org/ggml/blob/master/docs/gguf.md), versions 2 and 3, in either byte order: metadata and the list of
 * tensors, no data. Shapes are in torch's order, the reverse of ggml's. Fails with `UNSUPPORTED` for other versions, and with `CORRUPT`
 * for what ggml's own reader refuses: names that occur twice, data that overlap, lie outside, or are not aligned.
 */
export async function readGguf(source: Source, options?: CallOptions): Promise<ModelFile> {
  const { version, bigEndian } = await readVersion(source, options)
  const cursor = cursorOf(source, options)
  cursor.position = MAGIC_BYTES + 4
  const reader = ggufReader(cursor, bigEndian, source.name)
  const tensorCount = await reader.size()
  const keyCount = await reader.size()
  if (tensorCount > TENSORS_MAX) throw reader.fail(`it has ${tensorCount} tensors`)
  if (keyCount > LIMITS.values) throw reader.fail(`it has ${keyCount} keys`)
  const metadata = await readMetadata(reader, keyCount)
  const infos = await readTensorInfos(reader, tensorCount)
  const alignment = alignmentOf(reader, metadata)
  const dataAt = Math.ceil(cursor.position / alignment) * alignment
  const warnings: string[] = []
  const tensors: Tensor[] = placeTensors(reader, { source, bigEndian, dataAt, alignment }, infos, warnings)
  metadata.set('GGUF.version', version)
  return { format: 'gguf', tensors, metadata, imports: [], warnings }
}

/** A big-endian file differs in nothing but its byte order: its version looks like a multiple of 2^24. */
async function readVersion(source: Source, options?: CallOptions): Promise<{ version: number; bigEndian: boolean }> {
  if (source.size < FIXED_BYTES) throw unsupported(source.name, 'the file is cut off in its first bytes', 'CORRUPT')
  const bytes = Buffer.from(await source.read(0, MAGIC_BYTES + 4, options))
  if (bytes.toString('latin1', 0, MAGIC_BYTES) !== 'GGUF') throw unsupported(source.name, 'not a GGUF file', 'CORRUPT')
  const little = bytes.readUInt32LE(MAGIC_BYTES)
  const bigEndian = (little & 0xffff) === 0
  const version = bigEndian ? bytes.readUInt32BE(MAGIC_BYTES) : little
  if (version === 1) throw unsupported(source.name, 'GGUF of version 1, which llama.cpp does not read any more either')
  if (version !== 2 && version !== 3) throw unsupported(source.name, `GGUF of version ${version}`)
  return { version, bigEndian }
}

function unsupported(path: string, what: string, code: 'UNSUPPORTED' | 'CORRUPT' = 'UNSUPPORTED'): ArtError {
  const hint =
    code === 'CORRUPT' ? 'Fetch or save the file again.' : 'Convert the model again, with a current llama.cpp.'
  return new ArtError(code, what, { path, hint })
}

async function readMetadata(reader: GgufReader, count: number): Promise<Map<string, Value>> {
  const metadata = new Map<string, Value>()
  for (let i = 0; i < count; i++) {
    const key = await reader.string()
    if (metadata.has(key)) throw reader.fail(`the key ${key} occurs twice`)
    metadata.set(key, await readValue(reader))
  }
  return metadata
}

function alignmentOf(reader: GgufReader, metadata: ReadonlyMap<string, Value>): number {
  const value = metadata.get(ALIGNMENT_KEY) ?? ALIGNMENT
  const isPower = typeof value === 'number' && value >= 1 && value <= 2 ** 31 && Number.isInteger(Math.log2(value))
  if (!isPower) throw reader.fail(`its ${ALIGNMENT_KEY} is no power of two`)
  return value
}
