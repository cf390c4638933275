/**
 * Tensors of a model, in all its files: the largest there are (mixtures of 384 experts, with scales for each matrix) have 140,000 in some
 * hundred shards. With more, the table alone would take more memory than reading it may.
 */
export const TENSORS_MAX = 150_000

/** Tensors of one file: a mixture of 256 experts in one has 92,000, others below 20,000. */
export const FILE_TENSORS_MAX = 100_000

/** Dimensions of a tensor: torch and NumPy compute with 64. */
export const DIMENSIONS_MAX = 1_000

/** Far above what names of tensors are; it keeps a message that quotes one short enough. */
const NAME_MAX = 0xffff

/** Fails with what `fail` makes where a tensor's name is beyond all use. */
export function checkName(name: string, fail: (what: string) => Error): void {
  if (name.length > NAME_MAX) throw fail(`a tensor's name has ${name.length} characters`)
}
