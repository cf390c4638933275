import type { Value } from '../model-file.ts'
import { isTensor } from '../pickle/value.ts'
import { wordsOf } from '../words.ts'
import {
  childrenOf,
  type Group,
  groupsIn,
  hasWeights,
  isOptimizer,
  isTrainingState,
  type TensorPaths,
} from './group.ts'

/**
 * The keys that programs keep a model's state dict under, the likeliest first: the seed of most tutorials, Lightning and timm, DeepSpeed,
 * detectron2, fairseq and nanoGPT, BasicSR.
 */
const KNOWN = [
  'model_state_dict',
  'state_dict',
  'model_state',
  'model_weights',
  'model',
  'module',
  'net_state_dict',
  'net',
  'network_state_dict',
  'network',
  'weights',
  'params',
  'parameters',
]

/** Averages of the weights of earlier steps. */
const AVERAGE = new Set(['ema', 'swa', 'averaged', 'average', 'avg', 'shadow'])

/** An object nests its state dict no deeper. */
const DEPTH = 4

export interface Choice {
  /** Tensors whose names start with it and a dot belong; `''` is all. */
  readonly paths: readonly string[]
  /** Paths that do not, though they start so. */
  readonly without: readonly string[]
  /** What is no part of the names. */
  readonly enclosing: string
  /** State dicts that were passed over, by their paths. */
  readonly others: readonly string[]
}

/** Which part of an object is the model's state dict. Undefined where it has none, such as the state of an optimizer alone. */
export function chooseStateDict(root: Value, tensorPaths: TensorPaths): Choice | undefined {
  if (isOptimizer(root)) return undefined
  const groups = groupsIn(root, '', tensorPaths)
  const known = preferred(groups)
  if (known !== undefined) return chosen(deepest(known, tensorPaths), groups)
  if (groups.length === 0 || hasWeights(root)) return bare(root)
  const current = groups.filter((group) => !isAverage(group))
  const left = current.length === 0 ? groups : current
  const [only] = left
  if (left.length === 1) return chosen(deepest(only!, tensorPaths), groups)
  const paths = left.map(({ path }) => path)
  return { paths, without: [], enclosing: '', others: pathsBeside(groups, paths) }
}

function preferred(groups: readonly Group[]): Group | undefined {
  const byKey = new Map(groups.map((group) => [group.key, group]))
  const key = KNOWN.find((name) => byKey.has(name))
  return key === undefined ? undefined : byKey.get(key)
}

/** `{model: {state_dict: …}}`: a state dict has weights of its own, an envelope has none. */
function deepest(group: Group, tensorPaths: TensorPaths): Group {
  let found = group
  for (let depth = 0; depth < DEPTH && !hasWeights(found.value); depth++) {
    const inner = preferred(groupsIn(found.value, found.path, tensorPaths))
    if (inner === undefined) break
    found = inner
  }
  return found
}

function chosen({ path }: Group, groups: readonly Group[]): Choice {
  return { paths: [path], without: [], enclosing: path, others: pathsBeside(groups, [path]) }
}

function pathsBeside(groups: readonly Group[], paths: readonly string[]): string[] {
  return groups
    .map(({ path }) => path)
    .filter((path) => !paths.some((one) => one === path || one.startsWith(`${path}.`)))
}

/** The object is the state dict, but for what training left in it. */
function bare(root: Value): Choice {
  const without = childrenOf(root)
    .filter(([key, value]) => typeof key === 'string' && !isTensor(value) && isTrainingState(key, value))
    .map(([key]) => key as string)
  return { paths: [''], without, enclosing: '', others: [] }
}

function isAverage({ key }: Group): boolean {
  return wordsOf(key).some((word) => AVERAGE.has(word))
}
