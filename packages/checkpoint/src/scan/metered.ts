import type { Source } from '../source.ts'
import { type Budget, spend } from './limits.ts'

/**
 * A source whose reads are paid from the budget: each by its length, or, where reading ahead costs as much as reading (`inflated`), by how
 * far it goes beyond what was reached before.
 */
export function meteredSource(source: Source, budget: Budget, inflated = false): Source {
  let furthest = 0
  return {
    name: source.name,
    size: source.size,
    async read(offset, length, options) {
      spend(budget, 'bytes', Math.max(length, inflated ? offset + length - furthest : 0))
      furthest = Math.max(furthest, offset + length)
      return source.read(offset, length, options)
    },
    close: () => source.close(),
  }
}
