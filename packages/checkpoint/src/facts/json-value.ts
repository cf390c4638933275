import type { Value } from '../model-file.ts'
import { isAffordableJson } from '../json-cost.ts'
import { dict, list } from '../pickle/value.ts'

const TEXT_MAX = 4 << 20
const DEPTH = 16
/** Values take as much again. */
const COST_MAX = 64 << 20

/** A string that never ends reaches to the end: looking for its end once more behind each of its quotes takes hours. */
const STRING_OR_WORD = /"(?:[^"\\]|\\[^])*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g

/** JSON as a pickle's plain data. Python also writes NaN and Infinity, which become numbers. Undefined for what is no JSON, or too large. */
export function jsonValue(text: string): Value | undefined {
  if (text.length > TEXT_MAX || !isAffordableJson(Buffer.from(text), COST_MAX)) return undefined
  // Python's spellings, outside of strings, as strings that no honest file holds.
  const plain = text.replace(STRING_OR_WORD, (found) => (found.startsWith('"') ? found : `"\\u0000${found}"`))
  try {
    return fromJson(JSON.parse(plain), 0)
  } catch {
    return undefined
  }
}

function fromJson(value: unknown, depth: number): Value {
  if (typeof value === 'string') return value.startsWith('\0') ? Number(value.slice(1)) : value
  if (typeof value !== 'object' || value === null) return value as Value
  if (depth === DEPTH) return null
  if (Array.isArray(value)) return list(value.map((item) => fromJson(item, depth + 1)))
  return dict(Object.entries(value).map(([key, item]) => [key, fromJson(item, depth + 1)]))
}
