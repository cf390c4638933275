import type { TensorChange } from './difference.ts'
import type { FactChange } from './facts.ts'
import type { Matches } from './match.ts'

interface Findings {
  readonly same: boolean | undefined
  readonly equal: number
  readonly changes: readonly TensorChange[]
  readonly matches: Matches
  readonly facts: readonly FactChange[]
}

/** Layers that a fine-tune replaces, by the steps of their names. */
const HEAD = /^(?:head|heads|fc|classifier|cls|lm_head|score|out|output|proj_out|logits|last_linear|predictor)\d*$/
const BUFFER = /(?:^|\.)(?:running_mean|running_var|num_batches_tracked)$/
const ADAPTER = /(?:^|[._])(?:lora|adapter|ia3)(?:[._]|$)/i

/** What somebody would say of it in one line. */
export function judge(findings: Findings): string {
  const { same, changes, matches, facts } = findings
  const count = (kind: TensorChange['kind']) => changes.filter((change) => change.kind === kind).length
  const [renamed, unknown] = [count('renamed'), count('unknown')]
  const isSame = same === true || (changes.every((change) => isTied(change)) && unknown === 0)
  const { before, after } = matches.prefix
  const prefixed = before === '' && after === '' ? '' : `, ${before}* is now ${after}*`
  if (isSame) return `same weights${prefixed}${tiedNames(changes)}${facts.length === 0 ? '' : ', other metadata'}`
  const others = changes.filter((change) => change.kind !== 'renamed' && !isTied(change))
  if (others.length === 0) return `same weights, ${renamed} renamed${prefixed}`
  return `${bulk(findings)}${rest(changes)}${prefixed}`
}

/** A name that only one side has, of a tensor that both have. */
function isTied(change: TensorChange): boolean {
  return (change.kind === 'added' || change.kind === 'removed') && change.sameAs !== undefined
}

function tiedNames(changes: readonly TensorChange[]): string {
  const [first, ...more] = changes.filter(isTied)
  if (first === undefined || !('sameAs' in first)) return ''
  const what = first.kind === 'removed' ? 'is no longer there beside' : 'is there beside'
  const also = more.length === 0 ? '' : `, and ${more.length} more`
  return `: ${first.name} ${what} its equal ${first.sameAs}${also}`
}

function bulk({ equal, changes, matches }: Findings): string {
  const differing = changes.filter(({ kind }) => kind === 'changed' || kind === 'reshaped')
  const unknown = changes.filter(({ kind }) => kind === 'unknown').length
  const total = matches.both.length
  if (total === 0) return 'no weight in common'
  if (unknown === total) return `${total} weights of the same shapes, which only the files can tell apart`
  const untold = unknown === 0 ? '' : `, ${unknown} cannot be told without the files`
  if (differing.length === 0) return `${equal} of ${total} equal${untold}`
  if (equal === 0 && unknown === 0) return `all ${total} changed${conversion(differing)}`
  return `${equal} of ${total} equal${untold}: ${where(differing, equal, matches)}${conversion(differing)}`
}

function conversion(differing: readonly TensorChange[]): string {
  const kinds = new Set(
    differing.map((change) =>
      'before' in change && 'after' in change ? `${change.before.dtype} → ${change.after.dtype}` : '',
    ),
  )
  const [only] = kinds
  if (kinds.size !== 1 || only === undefined) return ''
  const [from, to] = only.split(' → ')
  return from === to ? '' : `, ${only}`
}

/** Which part of the model it is that changed. */
function where(differing: readonly TensorChange[], equal: number, { both }: Matches): string {
  const names = differing.map(({ name }) => name)
  if (names.every((name) => BUFFER.test(name))) return 'only statistics of batch norm changed'
  if (names.every((name) => ADAPTER.test(name))) return 'only adapters changed'
  const last = moduleOf(both.at(-1)!.name)
  const trained = names.filter((name) => !BUFFER.test(name))
  const isHead = trained
    .map(moduleOf)
    .every((module) => module === last || module.split('.').some((step) => HEAD.test(step)))
  if (isHead && equal >= trained.length)
    return trained.length === names.length ? 'head fine-tune' : 'head fine-tune, and statistics of batch norm'
  const modules = [...new Set(names.map(moduleOf))]
  if (modules.length <= PARTS_MAX) return `${modules.join(', ')} changed`
  const parts = partsOf(modules)
  return parts === undefined ? `${differing.length} changed` : `${parts.map((part) => `${part}.*`).join(', ')} changed`
}

/** No more names than a line takes. */
const PARTS_MAX = 3
const DEPTH = 8

/** The parts of the model that hold the modules, as deep as so few names can say it. */
function partsOf(modules: readonly string[]): string[] | undefined {
  for (let steps = DEPTH; steps > 0; steps--) {
    const parts = [...new Set(modules.map((module) => module.split('.').slice(0, steps).join('.')))]
    if (parts.length <= PARTS_MAX) return parts
  }
  return undefined
}

function moduleOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? name : name.slice(0, dot)
}

function rest(changes: readonly TensorChange[]): string {
  const count = (kind: TensorChange['kind']) => changes.filter((change) => change.kind === kind).length
  const adapters = changes.filter((change) => change.kind === 'added' && ADAPTER.test(change.name)).length
  return (['reshaped', 'renamed', 'added', 'removed'] as const)
    .map((kind) => ({ kind, times: count(kind) }))
    .filter(({ times }) => times > 0)
    .map(({ kind, times }) => `, ${times} ${kind}${kind === 'added' && adapters === times ? ' (adapters)' : ''}`)
    .join('')
}
