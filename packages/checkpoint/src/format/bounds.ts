/**
 * Tensors of a model, in one file or in all of its files: mixtures of 256 experts have 92,000, others below 20,000. Those of 384 experts, with scales
 * for each matrix, have 140,000: they are kept like any file, and their pointers tell nothing of them. With so many the table alone would take more
 * memory than a hostile file may.
 */
export const TENSORS_MAX = 100_000

/** Dimensions of a tensor: torch and NumPy compute with 64. */
export const DIMENSIONS_MAX = 1_000

/** Far above what names of tensors are; it keeps a message that quotes one short enough. */
const NAME_MAX = 0xffff

/** Fails with what `fail` makes where a tensor's name is beyond all use. */
export function checkName(name: string, fail: (what: string) => Error): void {
  if (name.length > NAME_MAX) throw fail(`a tensor's name has ${name.length} characters`)
}
