import { figureOf } from '@art/checkpoint/facts/figure.ts'
import { jsonValue } from '@art/checkpoint/facts/json-value.ts'
import type { Value } from '@art/checkpoint/model-file.ts'
import { isDict } from '@art/checkpoint/pickle/value.ts'
import type { MetricValue } from './record.ts'

/** What a JSON file says of a model. */
export interface FileMetrics {
  found: Map<string, MetricValue>
  /** Names of what is no number, lists and texts among it. */
  passedOver: string[]
}

const DEPTH = 8

/**
 * Numbers of an object in JSON, Python's NaN and Infinity too, which come as `nan`, `inf` and `-inf`, however they are written. Those of an object
 * within are named after it, `test.f1`. Undefined for what is no object, or longer than 4 MiB.
 */
export function metricsIn(text: string): FileMetrics | undefined {
  const root = jsonValue(text.replace(/^\ufeff/, ''))
  if (!isDict(root)) return undefined
  const metrics: FileMetrics = { found: new Map(), passedOver: [] }
  take(root, '', 0, metrics)
  return metrics
}

function take(value: Value, prefix: string, depth: number, metrics: FileMetrics): void {
  if (!isDict(value)) return
  for (const [key, below] of value.entries) {
    const name = prefix + String(key)
    const metric = figureOf(below)
    if (metric !== undefined) metrics.found.set(name, metric)
    else if (isDict(below) && depth < DEPTH) take(below, `${name}.`, depth + 1, metrics)
    else metrics.passedOver.push(name)
  }
}
