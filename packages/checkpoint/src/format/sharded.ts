import { ArtError, type CallOptions } from '@art/core'
import { type Format, LIMITS, type ModelFile, type Tensor } from '../model-file.ts'
import type { OpenBeside, Source } from '../source.ts'
import { confinedNames } from '../source/beside.ts'
import { relieve } from '@art/core/relieve.ts'
import { TENSORS_MAX } from './bounds.ts'
import { warn } from './warning.ts'
import { type JsonReader, jsonReader } from './safetensors/json.ts'

/** Far above what any model is cut into; each costs an open file. */
const SHARDS_MAX = 10_000

interface Index {
  /** Tensor name → file name. */
  readonly weights: ReadonlyMap<string, string>
  readonly metadata: ReadonlyMap<string, string | number>
}

/** What the files are that an index names. */
export interface Shards {
  readonly format: Format
  /** Reads one; `file` is what its storages' places name. */
  read(source: Source, options: CallOptions | undefined, file: string): Promise<ModelFile>
  /** They hold pickles. */
  readonly isPickled?: boolean
}

/**
 * Reads a model that is spread over files, from its `*.index.json` (`weight_map`, as Hugging Face's libraries write it). Tensors
 * are in the index's order; `place.file` names the shard. The shards stay open until the model's `close`. Fails with `NOT_FOUND` for a
 * missing shard, `PATH_UNSAFE` for one outside the folder, `CORRUPT` for a damaged index or shard or a tensor that is not in its shard.
 */
export async function readSharded(
  source: Source,
  openBeside: OpenBeside,
  kind: Shards,
  options?: CallOptions,
): Promise<ModelFile> {
  const index = await readIndex(source, options)
  relieve(index.weights.size)
  const files = filesOf(index, source)
  const shards = new Map<string, ReadonlyMap<string, Tensor>>()
  const imports = new Set<string>()
  const warnings: string[] = []
  const opened: Source[] = []
  let count = 0
  const close = async (): Promise<void> => {
    for (const shard of opened.splice(0)) await shard.close()
  }
  try {
    for (const file of files) {
      const shard = await openBeside(file)
      if (shard === undefined) throw missing(source.name, file)
      opened.push(shard)
      const model = await kind.read(shard, options, file)
      const { tensors } = model
      for (const name of model.imports) imports.add(name)
      for (const message of model.warnings) warn(warnings, `${file}: ${message}`)
      count += tensors.length
      if (count > TENSORS_MAX) throw corruptIndex(source.name, `its files have more than ${TENSORS_MAX} tensors`)
      shards.set(file, new Map(tensors.map((tensor) => [tensor.name, tensor])))
      relieve(tensors.length)
    }
    const tensors = gathered(source, index, shards, warnings)
    return {
      format: kind.format,
      tensors,
      metadata: index.metadata,
      imports: [...imports].sort(),
      warnings,
      ...(kind.isPickled ? { pickled: [...files] } : {}),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The files that an index names. Fails as `readSharded` does for the index. */
export async function shardNames(source: Source, options?: CallOptions): Promise<ReadonlySet<string>> {
  return filesOf(await readIndex(source, options), source)
}

function filesOf({ weights }: Index, { name }: Source): Set<string> {
  const files = new Set(weights.values())
  if (files.size > SHARDS_MAX) throw corruptIndex(name, `it names ${files.size} files`)
  for (const file of files) confinedNames(file)
  return files
}

function gathered(
  source: Source,
  index: Index,
  shards: Map<string, ReadonlyMap<string, Tensor>>,
  warnings: string[],
): Tensor[] {
  const tensors: Tensor[] = []
  for (const [name, file] of index.weights) {
    const tensor = shards.get(file)!.get(name)
    if (tensor === undefined) throw corruptIndex(source.name, `${name} is not in ${file}`)
    tensors.push(tensor)
  }
  for (const [file, inside] of shards) {
    const others = [...inside.keys()].filter((name) => index.weights.get(name) !== file)
    if (others.length > 0)
      warn(warnings, `${file} holds ${others.length} tensors that the index does not name: ${others[0]}`)
  }
  return tensors
}

async function readIndex(source: Source, options?: CallOptions): Promise<Index> {
  if (source.size > LIMITS.tableBytes)
    throw corruptIndex(source.name, `${source.size} bytes are more than any index has`)
  const json = jsonReader(await source.read(0, source.size, options), (what) => corruptIndex(source.name, what))
  let weights: Map<string, string> | undefined
  const metadata = new Map<string, string | number>()
  json.object((key) => {
    if (key === 'weight_map') {
      const map = new Map<string, string>()
      json.object((name) => {
        map.set(name, json.string())
        if (map.size > TENSORS_MAX) throw corruptIndex(source.name, `it has more than ${TENSORS_MAX} tensors`)
      })
      weights = map
    } else if (key === 'metadata' && json.peek() === '{') json.object((name) => readMetadata(json, name, metadata))
    else json.skip()
  })
  json.end()
  if (weights === undefined) throw corruptIndex(source.name, 'it has no weight_map')
  return { weights, metadata }
}

function readMetadata(json: JsonReader, name: string, metadata: Map<string, string | number>): void {
  if (json.peek() === '"') metadata.set(name, json.string())
  else if (/[-0-9]/.test(json.peek())) metadata.set(name, json.number())
  else json.skip()
}

function missing(index: string, file: string): ArtError {
  return new ArtError('NOT_FOUND', `a part of the model is missing: ${file}`, {
    path: index,
    hint: `Put ${file} into the folder of the index.`,
  })
}

function corruptIndex(path: string, what: string): ArtError {
  return new ArtError('CORRUPT', `damaged index of a sharded model: ${what}`, {
    path,
    hint: 'Fetch or save the file again.',
  })
}
