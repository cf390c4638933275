/** A name without what people write in many ways: `SimpleCNN`, `simple_cnn` and `Simple CNN` are one. */
export function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}
