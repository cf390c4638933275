import { pointerBlock } from '@art/checkpoint/facts/block.ts'
import { type FactOptions, factsOf } from '@art/checkpoint/facts/facts.ts'
import { itemBytes } from '@art/checkpoint/dtype.ts'
import { readModel } from '@art/checkpoint/format/read.ts'
import type { Format, ModelFile, Tensor } from '@art/checkpoint'
import { exportMetadata } from '@art/checkpoint/safetensors-writer/metadata.ts'
import { safetensorsFile } from '@art/checkpoint/safetensors-writer/write.ts'
import { type DigestEntry, weightsDigest } from '@art/checkpoint/weights/digest.ts'
import { stateDictOf, type WeightsOptions, weightTensors } from '@art/checkpoint/weights/state-dict.ts'
import { ArtError, isArtError } from '@art/core'
import type { CheckpointFacts } from '../api.ts'
import type { Content } from './content.ts'
import { checkpointOf } from './read-block.ts'

/** The weights of a model, about to become a safetensors file. */
export interface OpenWeights {
  /** That they are kept in now. */
  readonly format: Format
  /** Of the file, in bytes. */
  readonly size: number
  readonly tensors: number
  readonly parameters: number
  /** What the file says of itself, as a pointer would. */
  readonly told: CheckpointFacts
  /** What a person should know: other state dicts that are left out, oddities of the file. */
  readonly warnings: readonly string[]
  /** The file in pieces, each the reader's until it asks for the next. Announces to a remote what it will read. */
  write(): AsyncGenerator<Uint8Array, void, undefined>
  /** The weights digest of what was written, 64 hex digits. */
  digest(): string
  close(): Promise<void>
}

export interface OpenWeightsOptions extends WeightsOptions, FactOptions {}

/**
 * Reads where the weights of a model are, and nothing of them yet. Which tensors they are and what they are called: docs/formats.md, "Weights
 * digest". Undefined for what is no model, or has none. `name` is what errors call the file. Fails with `UNSUPPORTED` for tensors that
 * safetensors cannot hold; with `CORRUPT`; and as sources do.
 */
export async function openWeights(
  content: Content,
  name: string,
  options: OpenWeightsOptions,
): Promise<OpenWeights | undefined> {
  const { signal } = options
  const model = await readModel(content.source, { signal, openBeside: content.openBeside })
  if (model === undefined) return undefined
  try {
    return await describe(model, content, options)
  } catch (error) {
    await model.close?.()
    throw isArtError(error, 'UNSUPPORTED') && error.path !== name ? inFile(error, name) : error
  }
}

async function describe(
  model: ModelFile,
  { remote }: Content,
  options: OpenWeightsOptions,
): Promise<OpenWeights | undefined> {
  const { signal } = options
  const stateDict = stateDictOf(model, options)
  if (stateDict.weights.length === 0) {
    await model.close?.()
    return undefined
  }
  const facts = await factsOf(model, stateDict, options)
  const entries: DigestEntry[] = []
  const { size, tensors, write } = safetensorsFile(weightTensors(model, stateDict), {
    signal,
    metadata: exportMetadata(facts, model.metadata),
    onTensor: (entry) => entries.push(entry),
  })
  const others = stateDict.others.map((path) => `another state dict is left out: ${path}`)
  return {
    format: model.format,
    size,
    tensors: tensors.length,
    parameters: facts.parameters,
    told: checkpointOf(pointerBlock(facts).entries),
    warnings: [...model.warnings, ...stateDict.warnings, ...others],
    async *write() {
      entries.length = 0
      remote?.expect([...rangesOf(tensors)])
      yield* write()
    },
    digest: () => weightsDigest(entries),
    close: async () => await model.close?.(),
  }
}

/** A record's local header stands before its data. */
const HEADER_BYTES = 256

/** Where the payloads stand in the file, as far as they do as they are, in the order in which they are read. */
function* rangesOf(tensors: readonly Tensor[]): Generator<{ offset: number; length: number }> {
  for (const { storage, offset, strides, dtype, bytes } of tensors) {
    const { place, length } = storage ?? {}
    if (place === undefined || place.file !== undefined || length === undefined || length === 0) continue
    const isWhole = strides !== undefined || itemBytes(dtype) === undefined
    const from = isWhole ? 0 : offset * itemBytes(dtype)!
    const start = Math.max(0, place.offset + from - HEADER_BYTES)
    yield { offset: start, length: place.offset + from + (isWhole ? length : bytes) - start }
  }
}

export function noWeights(path: string): ArtError {
  return new ArtError('UNSUPPORTED', 'it holds no weights of a model', {
    path,
    hint: '`art scan` tells what a file is; where in it the weights are can be set: `art config models.state_dict <path>`.',
  })
}

/** Errors about a tensor name it: who exports several files needs to know of which. */
function inFile({ path, message, hint }: ArtError, name: string): ArtError {
  return new ArtError('UNSUPPORTED', path === undefined ? message : `${path}: ${message}`, { path: name, hint })
}
