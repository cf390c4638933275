/**
 * Tensors of one file: three times those of the largest models there are, in all their shards together. With more, the table alone would
 * take more memory than reading it may.
 */
export const TENSORS_MAX = 250_000

/** Far above what names of tensors are; it keeps a message that quotes one short enough. */
const NAME_MAX = 0xffff

/** Fails with what `fail` makes where a tensor's name is beyond all use. */
export function checkName(name: string, fail: (what: string) => Error): void {
  if (name.length > NAME_MAX) throw fail(`a tensor's name has ${name.length} characters`)
}
