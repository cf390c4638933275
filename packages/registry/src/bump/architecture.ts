import { compareTables } from '@art/checkpoint/difference/difference.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'

/** Weights by what became of their names and shapes between two models. */
export interface ArchitectureChange {
  added: number
  removed: number
  renamed: number
  reshaped: number
  /** Weights of both together, where none of it is so. */
  same: boolean
  /** One of them in words, such as `fc.weight [10, 512] → [100, 512]`. */
  example?: string
}

/**
 * Do two models have weights of the same names and shapes? A wrapper's prefix before all names is no difference, nor is a tied weight that one file
 * wrote out and the other did not; a dtype is none either: the same code loads both.
 */
export function architectureChange(before: TensorTable, after: TensorTable): ArchitectureChange {
  const change: ArchitectureChange = { added: 0, removed: 0, renamed: 0, reshaped: 0, same: true }
  for (const one of compareTables(before, after).tensors) {
    if ('sameAs' in one && one.sameAs !== undefined) continue
    const { kind, name } = one
    if (kind === 'added' || kind === 'removed') tell(change, kind, `${name} ${kind}`)
    else if (kind === 'renamed') tell(change, kind, `${one.from} → ${name}`)
    else if (shapeText(one.before.shape) !== shapeText(one.after.shape))
      tell(change, 'reshaped', `${name} ${shapeText(one.before.shape)} → ${shapeText(one.after.shape)}`)
  }
  return change
}

function tell(change: ArchitectureChange, kind: 'added' | 'removed' | 'renamed' | 'reshaped', example: string): void {
  change[kind]++
  change.same = false
  change.example ??= example
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}
