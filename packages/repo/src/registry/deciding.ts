import type { DecidingMetric, MetricValue } from '@art/registry/files/record.ts'
import type { ModelEntry } from '@art/registry/models-file/models-file.ts'
import { directionOf } from '../model/direction.ts'
import { chosenMetric } from '../model/ranking.ts'

/** The metric that counts: the one of `models.yaml`, or else what people look at first. */
export function decidingOf(
  { metric, direction }: Pick<ModelEntry, 'metric' | 'direction'>,
  metrics: Readonly<Record<string, MetricValue>>,
): DecidingMetric | undefined {
  const name = metric ?? chosenMetric(new Map(Object.keys(metrics).map((key) => [key, 1])))
  if (name === undefined || !Object.hasOwn(metrics, name)) return undefined
  return { name, value: metrics[name]!, direction: direction ?? directionOf(name) }
}
