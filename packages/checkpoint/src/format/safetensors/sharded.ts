import type { CallOptions } from '@art/core'
import type { ModelFile } from '../../model-file.ts'
import type { OpenBeside, Source } from '../../source.ts'
import { readSharded } from '../sharded.ts'
import { readSafetensors } from './safetensors.ts'

/** Reads a model from its `*.safetensors.index.json`. Fails as `readSharded`. */
export async function readShardedSafetensors(
  source: Source,
  openBeside: OpenBeside,
  options?: CallOptions,
): Promise<ModelFile> {
  return await readSharded(source, openBeside, { format: 'safetensors', read: readSafetensors }, options)
}
