import type { Facts } from '@art/checkpoint/facts/facts.ts'

/**
 * Is it worth a block? Arrays and tensors are data as often as weights: one array is no model, nor are several of integers, nor what lies alone
 * beside images.
 */
export function isModel(
  { format, parameters }: Facts,
  { isFolder = false }: { isFolder?: boolean | undefined },
): boolean {
  if (format === 'npy') return false
  return parameters > 0 || (format !== 'npz' && !isFolder)
}
