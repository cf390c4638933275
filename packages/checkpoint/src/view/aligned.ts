/** The same bytes, starting at a multiple of `word` in their buffer as typed arrays want it: copied where they do not. */
export function alignedTo(bytes: Uint8Array, word: number): Uint8Array {
  // Not `slice`: that of a Buffer copies nothing.
  return bytes.byteOffset % word === 0 ? bytes : new Uint8Array(bytes)
}
