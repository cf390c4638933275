import type { CallOptions } from '@art/core'
import type { ModelFile, Storage, Tensor } from '../../model-file.ts'
import type { OpenBeside, Source } from '../../source.ts'
import { readSharded } from '../sharded.ts'
import { readPyTorch } from './read.ts'

/** Reads a model from its `pytorch_model.bin.index.json`, whose files `torch.save` wrote. Fails as `readSharded` and `readPyTorch`. */
export async function readShardedPyTorch(
  source: Source,
  openBeside: OpenBeside,
  options?: CallOptions,
): Promise<ModelFile> {
  const read = async (shard: Source, given: CallOptions | undefined, file: string): Promise<ModelFile> =>
    placedIn(await readPyTorch(shard, given), file)
  return await readSharded(source, openBeside, { format: 'pytorch', read, isPickled: true }, options)
}

/** Storages that tensors share stay shared. */
function placedIn(model: ModelFile, file: string): ModelFile {
  const placed = new Map<Storage, Storage>()
  const storageIn = (storage: Storage): Storage => {
    const { place } = storage
    const known = placed.get(storage) ?? (place === undefined ? storage : { ...storage, place: { ...place, file } })
    placed.set(storage, known)
    return known
  }
  const tensors = model.tensors.map(
    (tensor): Tensor => (tensor.storage === undefined ? tensor : { ...tensor, storage: storageIn(tensor.storage) }),
  )
  return { ...model, tensors }
}
