import type { TensorTable } from '@art/checkpoint/table/table.ts'
import type { CheckpointFacts } from '../api.ts'

/** The key of a pointer's block that a table disagrees with; undefined where there is none. What either does not tell is no contradiction. */
export function contradiction(table: TensorTable, block: CheckpointFacts | undefined): string | undefined {
  if (block === undefined) return undefined
  const { format, facts, scan } = table
  const weights = facts.weights === undefined ? undefined : `sha256:${facts.weights}`
  if (differ(block.weights, weights)) return 'weights'
  if (differ(block.format, format)) return 'format'
  if (differ(block.parameters, facts.parameters)) return 'parameters'
  return block.scan === 'unsafe' && scan?.verdict !== 'unsafe' ? 'scan' : undefined
}

function differ<T>(one: T | undefined, other: T | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other
}
