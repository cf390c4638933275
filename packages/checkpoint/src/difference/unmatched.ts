import { present } from '../present.ts'
import type { TensorTable } from '../table/table.ts'
import type { TensorChange, TensorSummary } from './difference.ts'
import type { Matches, TableWeight } from './match.ts'
import { tiedWeights } from './tied.ts'

/** Those without a partner of their name: under another name where the content tells. */
export function unmatchedChanges(before: TensorTable, after: TensorTable, { added, removed }: Matches): TensorChange[] {
  const gone = new Map<string, TableWeight[]>()
  for (const tensor of removed) {
    const content = tensor.content
    if (content === undefined) continue
    const list = gone.get(content) ?? []
    list.push(tensor)
    gone.set(content, list)
  }
  const renamedFrom = new Set<TableWeight>()
  const tiedBefore = removed.length === 0 ? () => undefined : tiedWeights(before, after)
  const tiedAfter = added.length === 0 ? () => undefined : tiedWeights(after, before)
  const appeared = added.map((tensor): TensorChange => {
    const from = gone.get(tensor.content ?? '')?.shift()
    const { weight: name } = tensor
    if (from === undefined) {
      return present<Extract<TensorChange, { kind: 'added' }>>({
        kind: 'added',
        name,
        after: summarizeWeight(tensor),
        sameAs: tiedAfter(tensor),
      })
    }
    renamedFrom.add(from)
    return { kind: 'renamed', name, from: from.weight, after: summarizeWeight(tensor) }
  })
  const left = removed.filter((tensor) => !renamedFrom.has(tensor))
  return [
    ...left.map((tensor) =>
      present<Extract<TensorChange, { kind: 'removed' }>>({
        kind: 'removed',
        name: tensor.weight,
        before: summarizeWeight(tensor),
        sameAs: tiedBefore(tensor),
      }),
    ),
    ...appeared,
  ]
}

export function summarizeWeight({ tensor: { dtype, shape, bytes, statistics } }: TableWeight): TensorSummary {
  return present<TensorSummary>({ dtype, shape, bytes, statistics })
}
