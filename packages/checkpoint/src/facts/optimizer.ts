import type { TensorValue, Value } from '../model-file.ts'
import { attribute, attributesOf, isContainer, isDict, isTensor, itemsOf } from '../pickle/value.ts'
import { isOptimizer } from '../weights/group.ts'
import { childrenWithPlaces } from './entries.ts'
import { type Fact, factOf } from './fact.ts'
import type { ReadNumber } from './read-number.ts'

/** The state of an optimizer. Of settings that differ between parameter groups each occurs once. */
export interface OptimizerFacts {
  /** Dot-joined path in the object. */
  readonly path: string
  /** Told from what it keeps and how it is set; undefined where that fits none that is known. */
  readonly kind?: string
  readonly groups: number
  readonly lr: readonly number[]
  /** As the optimizer calls them: `betas`, `momentum`, `weight_decay`, `eps`, … */
  readonly settings: ReadonlyMap<string, Fact>
  /** Steps taken: the larger of those of the first and the last parameter. */
  readonly steps?: number
  /** Of its state: tensors, and bytes of their payloads. */
  readonly tensors: number
  readonly bytes: number
}

/** `state` keys, and keys of a group where `state` is not enough; the first that fits. Sources: torch.optim 2.15, transformers, bitsandbytes. */
const KINDS: readonly { readonly kind: string; readonly state?: string; readonly group?: string }[] = [
  { kind: 'NAdam', state: 'mu_product' },
  { kind: 'Adamax', state: 'exp_inf' },
  { kind: 'Adafactor', state: 'exp_avg_sq_row' },
  { kind: 'Adafactor', state: 'row_var' },
  { kind: 'Adam 8-bit', state: 'qmap1' },
  { kind: 'RMSprop', state: 'square_avg', group: 'alpha' },
  { kind: 'Adadelta', state: 'acc_delta' },
  { kind: 'Adagrad', state: 'sum', group: 'lr_decay' },
  { kind: 'Rprop', group: 'etas' },
  { kind: 'ASGD', group: 'lambd' },
  { kind: 'LBFGS', group: 'history_size' },
  { kind: 'Muon', group: 'ns_steps' },
  { kind: 'SGD', group: 'dampening' },
  { kind: 'Adam', state: 'exp_avg_sq' },
  { kind: 'Adam', group: 'amsgrad' },
  { kind: 'Lion', state: 'exp_avg' },
]

const SETTINGS =
  'initial_lr betas momentum dampening nesterov weight_decay eps alpha centered amsgrad rho lr_decay etas maximize'.split(
    ' ',
  )

const DEPTH = 3
const OPTIMIZERS_MAX = 100

/** The optimizers whose state a checkpoint holds: `Optimizer.state_dict()` wherever it lies, one for each of a GAN. */
export async function optimizersOf(root: Value | undefined, read: ReadNumber): Promise<OptimizerFacts[]> {
  const found = root === undefined ? [] : optimizersIn(root)
  const facts: OptimizerFacts[] = []
  for (const { path, value } of found) facts.push(await factsOf(path, value, read))
  return facts
}

/** Each once, however often the object names it. */
function optimizersIn(root: Value): { path: string; value: Value }[] {
  const found: { path: string; value: Value }[] = []
  const seen = new Set<Value>()
  const look = (value: Value, path: string, depth: number): void => {
    if (isTensor(value) || seen.has(value) || found.length === OPTIMIZERS_MAX) return
    if (isContainer(value)) seen.add(value)
    if (isDict(value) && isOptimizer(value)) found.push({ path, value })
    else if (depth > 0)
      for (const [key, child] of childrenWithPlaces(value)) look(child, path === '' ? key : `${path}.${key}`, depth - 1)
  }
  look(root, '', DEPTH)
  return found
}

async function factsOf(path: string, value: Value, read: ReadNumber): Promise<OptimizerFacts> {
  const groups = itemsOf(attribute(value, 'param_groups')) ?? []
  const states = attributesOf(attribute(value, 'state')).map(([, state]) => state)
  const kind = kindOf(states, groups)
  const rates: number[] = []
  for (const group of groups.slice(0, 100)) {
    const rate = await read(attribute(group, 'lr'))
    if (rate !== undefined && !rates.includes(rate)) rates.push(rate)
  }
  const steps = [await read(attribute(states[0], 'step')), await read(attribute(states.at(-1), 'step'))].filter(
    (count) => count !== undefined,
  )
  const tensors = states.flatMap((state) => attributesOf(state).map(([, part]) => part)).filter(isTensor)
  return {
    path,
    ...(kind === undefined ? {} : { kind }),
    groups: groups.length,
    lr: rates,
    settings: settingsOf(groups),
    ...(steps.length === 0 ? {} : { steps: Math.max(...steps) }),
    tensors: tensors.length,
    bytes: tensors.reduce((sum: number, { tensor }: TensorValue) => sum + tensor.bytes, 0),
  }
}

function kindOf(states: readonly Value[], groups: readonly Value[]): string | undefined {
  const kept = new Set(states.slice(0, 10).flatMap((state) => attributesOf(state).map(([key]) => key)))
  const known = KINDS.find(
    ({ state, group }) =>
      (state === undefined || kept.has(state)) && (group === undefined || attribute(groups[0], group) !== undefined),
  )
  if (known?.kind !== 'Adam') return known?.kind
  // Both keep the same; torch says which since 2.6.
  const decoupled = attribute(groups[0], 'decoupled_weight_decay')
  if (attribute(groups[0], 'amsgrad') === undefined) {
    if (decoupled !== undefined) return 'RAdam'
    if (attribute(groups[0], 'weight_decay') === undefined) return 'SparseAdam'
  }
  return decoupled === true ? 'AdamW' : decoupled === false ? 'Adam' : 'Adam or AdamW'
}

function settingsOf(groups: readonly Value[]): Map<string, Fact> {
  const settings = new Map<string, Fact>()
  for (const key of SETTINGS) {
    const facts = groups.slice(0, 100).map((group) => factOf(attribute(group, key)))
    const different = new Map(facts.filter((fact) => fact !== undefined).map((fact) => [JSON.stringify(fact), fact]))
    const [only] = different.values()
    if (different.size === 1) settings.set(key, only!)
    else if (different.size > 1 && different.size <= 8) settings.set(key, [...different.keys()].join(' · '))
  }
  return settings
}
