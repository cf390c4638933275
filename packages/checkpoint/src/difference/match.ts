import type { TableTensor, TensorTable } from '../table/table.ts'

/** A weight of a table, under its name there. */
export interface TableWeight {
  readonly weight: string
  readonly tensor: TableTensor
  /** The tensor's place in the table, and in the file. */
  readonly place: number
  /** Equal for tensors that are the same in all respects; undefined where the sha256 is not known. */
  readonly content: string | undefined
}

/** Weights of two tables that have one name, or would have it without a prefix. */
export interface Matches {
  readonly both: readonly { readonly name: string; readonly before: TableWeight; readonly after: TableWeight }[]
  readonly removed: readonly TableWeight[]
  readonly added: readonly TableWeight[]
  /** What only one side has in front of all names; it is no part of those in `both`. */
  readonly prefix: { readonly before: string; readonly after: string }
}

/** In the order of the file; aliases are weights too. */
export function weightsOfTable({ tensors, aliases }: TensorTable): TableWeight[] {
  const weights: TableWeight[] = []
  for (const [place, tensor] of tensors.entries()) {
    const { weight } = tensor
    if (weight !== undefined) weights.push({ weight, tensor, place, content: contentOf(tensor) })
  }
  if (aliases.size === 0) return weights
  const byName = new Map(weights.map((weight) => [weight.weight, weight]))
  for (const [alias, name] of aliases) {
    const weight = byName.get(name)
    if (weight !== undefined) weights.push({ ...weight, weight: alias })
  }
  return weights
}

export function matchWeights(before: readonly TableWeight[], after: readonly TableWeight[]): Matches {
  const prefix = prefixBetween(before, after)
  const byName = new Map(after.map((tensor) => [without(prefix.after, tensor.weight), tensor]))
  const both: { name: string; before: TableWeight; after: TableWeight }[] = []
  const removed: TableWeight[] = []
  for (const tensor of before) {
    const name = without(prefix.before, tensor.weight)
    const other = byName.get(name)
    if (other === undefined) removed.push(tensor)
    else both.push({ name, before: tensor, after: other })
    byName.delete(name)
  }
  return { both, removed, added: [...byName.values()], prefix }
}

/** A module in a module, as of Lightning: `model.` before every name. Sought where hardly a name is common without it. */
function prefixBetween(before: readonly TableWeight[], after: readonly TableWeight[]): Matches['prefix'] {
  const none = { before: '', after: '' }
  const common = countCommon(before, after, none)
  if (before.length === 0 || common * 2 > Math.min(before.length, after.length)) return none
  const options = [
    ...prefixesOf(before).map((one) => ({ ...none, before: one })),
    ...prefixesOf(after).map((one) => ({ ...none, after: one })),
  ]
  const found = options
    .map((prefix) => ({ prefix, count: countCommon(before, after, prefix) }))
    .sort((a, b) => b.count - a.count)[0]
  return found !== undefined && found.count > common && found.count * 2 > Math.min(before.length, after.length)
    ? found.prefix
    : none
}

/** First steps that all names share: one, and two. */
function prefixesOf(weights: readonly TableWeight[]): string[] {
  const first = weights[0]?.weight.split('.') ?? []
  return [1, 2]
    .filter((steps) => first.length > steps)
    .map((steps) => `${first.slice(0, steps).join('.')}.`)
    .filter((prefix) => weights.every(({ weight }) => weight.startsWith(prefix)))
}

function countCommon(before: readonly TableWeight[], after: readonly TableWeight[], prefix: Matches['prefix']): number {
  const names = new Set(after.map(({ weight }) => without(prefix.after, weight)))
  return before.filter(({ weight }) => names.has(without(prefix.before, weight))).length
}

function without(prefix: string, name: string): string {
  return prefix !== '' && name.startsWith(prefix) ? name.slice(prefix.length) : name
}

function contentOf({ dtype, shape, sha256, quantization }: TableTensor): string | undefined {
  if (sha256 === undefined) return undefined
  return `${sha256} ${dtype} ${shape.join()}${quantization === undefined ? '' : ` ${JSON.stringify(quantization)}`}`
}
