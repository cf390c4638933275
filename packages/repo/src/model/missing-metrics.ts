import type { Pointer } from '@art/core/pointer/pointer.ts'
import { originOf } from '../export/origin.ts'
import { givenOf, withGiven } from './given-facts.ts'
import { checkpointOf } from './read-block.ts'

/**
 * Of the metrics that `check.metrics` asks for, those that a model's pointer tells nothing of. Data are asked for none, nor is what was exported: it is
 * judged by the model that it was made of.
 */
export function missingMetrics(pointer: Pointer, wanted: readonly string[]): string[] {
  if (wanted.length === 0 || pointer.checkpoint === undefined || originOf(pointer) !== undefined) return []
  const told = withGiven(checkpointOf(pointer.checkpoint).metrics, givenOf(pointer))
  return wanted.filter((name) => !Object.hasOwn(told, name))
}
