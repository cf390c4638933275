import type { Tensor } from '../model-file.ts'

/** A tensor of a file, or of its table, where a storage is a number. */
export type Stored = Omit<Tensor, 'name' | 'storage' | 'quantization'> & { readonly storage?: unknown }

/**
 * Returns what numbers tensors, from 0 on: the same number for those that are one and the same view of a storage, the next one for any other;
 * undefined for those without data.
 */
export function createIdentities(): (tensor: Stored) => number | undefined {
  const firstOf = new Map<unknown, number>()
  const views: Stored[] = []
  // Most storages have one view, and no text is made of it.
  const others = new Map<string, number>()
  return (tensor) => {
    const { storage } = tensor
    if (storage === undefined) return undefined
    const first = firstOf.get(storage)
    if (first === undefined) {
      firstOf.set(storage, views.length)
      return views.push(tensor) - 1
    }
    const text = viewText(tensor)
    if (text === viewText(views[first]!)) return first
    const key = `${first} ${text}`
    const known = others.get(key)
    if (known !== undefined) return known
    others.set(key, views.length)
    return views.push(tensor) - 1
  }
}

function viewText({ offset, dtype, shape, strides, conjugated, negated }: Stored): string {
  return JSON.stringify([offset, dtype, shape, strides, conjugated, negated])
}
