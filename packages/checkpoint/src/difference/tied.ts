import { createIdentities } from '../weights/identity.ts'
import type { TensorTable } from '../table/table.ts'
import { type TableWeight, weightsOfTable } from './match.ts'

/** Small tensors are often equal by chance: zeros, ones. */
const CHANCE_BYTES = 4096

/** More names than these for one tensor are no tied weights. */
const TWINS_MAX = 16

/**
 * For a weight that only `own` has: a name that both tables have, of a weight that is the same tensor in `own` (shared storage, alias, or too large
 * to be equal by chance) and has that content in `other`.
 */
export function tiedWeights(own: TensorTable, other: TensorTable): (weight: TableWeight) => string | undefined {
  const contents = new Map(weightsOfTable(other).map((weight) => [weight.weight, weight.content]))
  const identify = createIdentities()
  const twins = new Map<string, TableWeight[]>()
  for (const weight of weightsOfTable(own)) {
    const content = weight.content
    if (content === undefined) continue
    const list = twins.get(content) ?? []
    if (list.length < TWINS_MAX) list.push(weight)
    twins.set(content, list)
  }
  const isOne = (a: TableWeight, b: TableWeight) =>
    a.tensor.bytes >= CHANCE_BYTES ||
    own.copies.has(a.weight) ||
    own.copies.has(b.weight) ||
    identify(a.tensor) === identify(b.tensor)
  return (weight) => {
    const content = weight.content
    if (content === undefined) return undefined
    const found = twins
      .get(content)
      ?.find((twin) => twin.weight !== weight.weight && contents.get(twin.weight) === content && isOne(twin, weight))
    return found?.weight
  }
}
