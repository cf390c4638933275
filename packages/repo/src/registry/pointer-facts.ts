import { type Pointer, parsePointer } from '@art/core/pointer/pointer.ts'
import { present } from '@art/checkpoint/present.ts'
import type { MetricValue, ReleaseFacts } from '@art/registry/files/record.ts'
import { givenFacts } from '../model/given-facts.ts'
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
    const { format, parameters, epoch, step, torch, torchInstalled, metrics, config, weights } = checkpointOf(
      pointer.checkpoint ?? new Map(),
    )
    const given = givenFacts(pointer).facts
    const facts = present<ReleaseFacts>({
      format,
      parameters,
      epoch,
      step,
      torch: torch ?? torchInstalled,
      metrics,
      config,
      meta: pointer.meta && given.meta,
      desc: given.desc,
      labels: pointer.labels && given.labels,
    })
    return { pointer, weights, facts, byHand: given.metrics }
  } catch {
    return undefined
  }
}
