import type { MetricValue } from './record.ts'

const MAX_METRICS = 64
const MAX_DEPTH = 8
const NOT_JSON: Readonly<Record<string, string>> = { NaN: '"nan"', Infinity: '"inf"', '-Infinity': '"-inf"' }

/**
 * The numbers of a JSON file with metrics, at most 64; those of maps inside it have the names of these before theirs, joined by dots. `NaN` and
 * `Infinity`, as Python's `json.dump` writes them, come as `nan` and `inf`. Undefined for what is no JSON object.
 */
export function parseMetricsFile(text: string): Record<string, MetricValue> | undefined {
  const root = parseJson(text) ?? parseJson(spelled(text))
  if (!isObject(root)) return undefined
  const metrics = new Map<string, MetricValue>()
  collect(root, '', 0, metrics)
  return Object.fromEntries(metrics)
}

function collect(map: object, prefix: string, depth: number, into: Map<string, MetricValue>): void {
  for (const [key, value] of Object.entries(map) as [string, unknown][]) {
    const name = prefix + key
    if (isObject(value) && depth < MAX_DEPTH) collect(value, `${name}.`, depth + 1, into)
    if (into.size >= MAX_METRICS || name.length > 200 || name === '__proto__') continue
    if (typeof value === 'number' && Number.isFinite(value)) into.set(name, value)
    else if (typeof value === 'string' && /^(?:nan|-?inf)$/.test(value)) into.set(name, value)
  }
}

/** A string that never ends reaches to the end: looking for its end once more behind each of its quotes takes hours. */
const STRING_OR_WORD = /"(?:[^"\\]|\\[^])*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g

function spelled(text: string): string {
  return text.replaceAll(STRING_OR_WORD, (found) => NOT_JSON[found] ?? found)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
