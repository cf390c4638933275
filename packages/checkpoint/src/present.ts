/** The same without keys that are undefined: an optional key is absent or has a value. */
export function present<T extends object>(given: { [K in keyof T]: T[K] | undefined }): T {
  const result: Partial<T> = {}
  for (const key in given) if (given[key] !== undefined) result[key] = given[key]
  return result as T
}
