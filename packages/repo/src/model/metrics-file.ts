import { ArtError } from '@art/core'
import { jsonValue } from '@art/checkpoint/facts/json-value.ts'
import { isDict } from '@art/checkpoint/pickle/value.ts'
import type { Value } from '@art/checkpoint/model-file.ts'
import { spelled } from './read-block.ts'

const DEPTH = 4

/** What a JSON file says of a model. */
export interface FileMetrics {
  /** `nan`, `inf` and `-inf` are texts. */
  found: Map<string, number | string>
  /** Names of what is no number, lists and texts among it. */
  passedOver: string[]
}

/**
 * Numbers of an object in JSON, Python's NaN and Infinity too. Those of an object within are named after it, `test.f1`. Fails with `CORRUPT` for what is no object.
 */
export function metricsIn(text: string, path: string): FileMetrics {
  const root = jsonValue(text.replace(/^\ufeff/, ''))
  if (!isDict(root))
    throw new ArtError('CORRUPT', 'this is no JSON object', {
      path,
      hint: 'Write the metrics as {"name": number}.',
    })
  const metrics: FileMetrics = { found: new Map(), passedOver: [] }
  take(root, '', 0, metrics)
  return metrics
}

function take(value: Value, prefix: string, depth: number, metrics: FileMetrics): void {
  if (!isDict(value)) return
  for (const [key, below] of value.entries) {
    const name = prefix + String(key)
    if (typeof below === 'number') metrics.found.set(name, spelled(below))
    else if (isDict(below) && depth < DEPTH) take(below, `${name}.`, depth + 1, metrics)
    else metrics.passedOver.push(name)
  }
}
