import { type Pointer, parsePointer } from '@art/core/pointer/pointer.ts'
import { readYaml } from '@art/core/yaml/document.ts'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import { present } from '@art/checkpoint/present.ts'
import type { FactScalar, MetricValue, ReleaseFacts } from '@art/registry/files/record.ts'
import { checkpointOf } from '../model/read-block.ts'

export interface ReadPointer {
  pointer: Pointer
  weights: string | undefined
  facts: ReleaseFacts
  /** Metrics that a person wrote into it: they win over any other. */
  byHand: Record<string, MetricValue>
}

/** What a pointer says of its data, with what a person wrote into it; undefined for what is no pointer. */
export async function readPointer(text: string, path: string): Promise<ReadPointer | undefined> {
  try {
    const pointer = await parsePointer(text, { path })
    const map = await readYaml(text, { code: 'POINTER_INVALID', path })
    const { format, parameters, epoch, step, torch, torchInstalled, metrics, config, weights } = checkpointOf(
      pointer.checkpoint ?? new Map(),
    )
    const [meta, labels, desc] = [scalars(map.get('meta')), map.get('labels'), map.get('desc')]
    const facts = present<ReleaseFacts>({
      format,
      parameters,
      epoch,
      step,
      torch: torch ?? torchInstalled,
      metrics,
      config,
      meta: Object.keys(meta).length === 0 ? undefined : meta,
      desc: typeof desc === 'string' ? desc : undefined,
      labels: Array.isArray(labels) ? labels.filter((label) => typeof label === 'string') : undefined,
    })
    return { pointer, weights, facts, byHand: metricsByHand(map) }
  } catch {
    return undefined
  }
}

/** The metrics that a person wrote into a pointer. */
function metricsByHand(map: YamlMap): Record<string, MetricValue> {
  const values = Object.entries(scalars(map.get('metrics')))
  return Object.fromEntries(
    values.flatMap(([key, value]): [string, MetricValue][] =>
      typeof value === 'number' || (typeof value === 'string' && /^(?:nan|-?inf)$/.test(value)) ? [[key, value]] : [],
    ),
  )
}

function scalars(value: YamlValue | undefined): Record<string, FactScalar> {
  if (!(value instanceof Map)) return {}
  return Object.fromEntries(
    [...value].flatMap(([key, one]): [string, FactScalar][] => {
      if (one === null || typeof one === 'object') return []
      if (typeof one !== 'number' || Number.isFinite(one)) return [[key, one]]
      return [[key, Number.isNaN(one) ? 'nan' : one > 0 ? 'inf' : '-inf']]
    }),
  )
}
