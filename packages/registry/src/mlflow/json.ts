/** What a server answered: anything that JSON has. The readers give undefined, or nothing, for what is not of the kind that is asked for. */
export type Json = unknown

export function fieldOf(value: Json, ...path: string[]): Json {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, Json>)[key]
  }
  return at
}

/** protobuf's JSON writes 64-bit integers as texts, or as numbers. */
export function textOf(value: Json, ...path: string[]): string | undefined {
  const found = fieldOf(value, ...path)
  if (typeof found === 'string') return found
  return typeof found === 'number' && Number.isFinite(found) ? String(found) : undefined
}

export function numberOf(value: Json, ...path: string[]): number | undefined {
  const text = textOf(value, ...path)
  if (text === undefined || text.trim() === '') return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

export function listOf(value: Json, ...path: string[]): Json[] {
  const found = fieldOf(value, ...path)
  return Array.isArray(found) ? found : []
}

/** `[{key, value}, …]`, as MLflow writes tags and params. */
export function pairsOf(value: Json, ...path: string[]): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const item of listOf(value, ...path)) {
    const key = textOf(item, 'key')
    if (key !== undefined) pairs.set(key, textOf(item, 'value') ?? '')
  }
  return pairs
}
