/** Far above what names of tensors are; it keeps a message that quotes one short enough. */
const NAME_MAX = 0xffff

/** Fails with what `fail` makes where a tensor's name is beyond all use. */
export function checkName(name: string, fail: (what: string) => Error): void {
  if (name.length > NAME_MAX) throw fail(`a tensor's name has ${name.length} characters`)
}
