/** The words of a key, in lower case: of `apiKey`, `API_KEY` and `api-key` the same two. Digits stay with the letters before them. */
export function wordsOf(key: string): string[] {
  const spaced = key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  return spaced.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
