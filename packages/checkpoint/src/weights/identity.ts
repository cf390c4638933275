import type { Tensor } from '../model-file.ts'

/** A tensor of a file, or of its table, where a storage is a number. */
export type Stored = Omit<Tensor, 'name' | 'storage' | 'quantization'> & { readonly storage: unknown }

/**
 * The same text for tensors that are one and the same view of a storage; undefined for those without data. `storages` numbers the storages
 * that it meets, and is shared by those whose identities are compared.
 */
export function identityOf(tensor: Stored, storages: Map<unknown, number>): string | undefined {
  const { storage, offset, dtype, shape, strides, conjugated, negated } = tensor
  if (storage === undefined) return undefined
  const number = storages.get(storage) ?? storages.size
  storages.set(storage, number)
  return JSON.stringify([number, offset, dtype, shape, strides, conjugated, negated])
}
