/** What a server answered: anything that JSON has. The readers give undefined, or nothing, for what is not of the kind that is asked for. */
export type Json = unknown

const [QUOTE, BACKSLASH, OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = Buffer.from('"\\[{]}')

/** MLflow nests some ten deep. */
const MAX_DEPTH = 100

/** Whether brackets stand deeper in each other than any answer has them: each takes a hundred times the memory that it has in the text. */
export function isTooDeep(text: Uint8Array): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]
    if (byte === QUOTE) at = endOfText(text, at)
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

function endOfText(text: Uint8Array, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1
  return at
}

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
