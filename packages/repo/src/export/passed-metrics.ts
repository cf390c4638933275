import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import type { CheckpointFacts } from '../api.ts'
import { givenOf, withGiven } from '../model/given-facts.ts'
import { checkpointOf, withinBounds } from '../model/read-block.ts'

/** The metrics of a model, as its pointer tells them, else as its file does; no more than a pointer takes. They hold for whatever computes the same. */
export function passedMetrics(pointer: Pointer | undefined, file: CheckpointFacts): YamlMap {
  const { metrics } = pointer?.checkpoint === undefined ? file : checkpointOf(pointer.checkpoint)
  const all = withGiven(metrics, pointer && givenOf(pointer))
  return new Map(Object.entries(all).filter(withinBounds().fits))
}
