import { partitionPoint } from '@art/core/partition-point.ts'
import { TENSORS_MAX } from '../format/bounds.ts'
import type { Tensor, Value } from '../model-file.ts'
import { attribute, type Entry, isContainer, isDict, isList, isTensor } from '../pickle/value.ts'
import { wordsOf } from '../words.ts'

/** A part of a pickled object that has tensors below it. */
export interface Group {
  readonly key: string
  /** Dot-joined, from the top of the object. */
  readonly path: string
  readonly value: Value
}

/** Finds which paths lead to tensors. */
export class TensorPaths {
  readonly #names: readonly string[]

  constructor(tensors: readonly Tensor[]) {
    this.#names = tensors.map(({ name }) => name).sort()
  }

  /** Is there a tensor below that path? */
  has(path: string): boolean {
    const prefix = `${path}.`
    const first = partitionPoint(this.#names.length, (at) => this.#names[at]! < prefix)
    return this.#names[first]?.startsWith(prefix) === true
  }
}

/** The dicts, lists and objects in a dict or list that have tensors below them, training state left out. */
export function groupsIn(node: Value, path: string, paths: TensorPaths): Group[] {
  const groups: Group[] = []
  for (const [key, value] of childrenOf(node)) {
    if (typeof key !== 'string' || !isContainer(value)) continue
    const group = { key, path: path === '' ? key : `${path}.${key}`, value }
    if (!isTrainingState(key, value) && paths.has(group.path)) groups.push(group)
  }
  return groups
}

/** Has it tensors of its own that could be weights? A single number beside others is an epoch or a metric. */
export function hasWeights(node: Value): boolean {
  return childrenOf(node).some(
    ([key, value]) =>
      isTensor(value) && (value.tensor.shape.length > 0 || (typeof key === 'string' && key.includes('.'))),
  )
}

/** Steps are strings: of a list its places, no more of them than a model has tensors. */
export function childrenOf(node: Value): readonly Entry[] {
  if (isDict(node)) return node.entries
  return isList(node) ? node.items.slice(0, TENSORS_MAX).map((item, i) => [String(i), item]) : []
}

const OPTIMIZER = /^optim(?:i[sz]er)?s?\d*$/
const TRAINING = new Set(
  'scheduler schedulers scaler rng random callbacks loops amp grad grads gradients criterion loss losses metrics history sampler'.split(
    ' ',
  ),
)

/** What training needs beside the model, told by its key or, for optimizers, by what it holds. */
export function isTrainingState(key: string, value: Value): boolean {
  return isOptimizer(value) || wordsOf(key).some((word) => OPTIMIZER.test(word) || TRAINING.has(word))
}

/** `Optimizer.state_dict()`, or several in a list. */
export function isOptimizer(value: Value | undefined): boolean {
  if (isList(value)) return value.items.length > 0 && value.items.every((item) => isDict(item) && isOptimizer(item))
  return isDict(value) && attribute(value, 'param_groups') !== undefined && attribute(value, 'state') !== undefined
}
