import { ArtError } from '@art/core'
import type { ListValue, DictValue, ObjectValue, Tensor, Value } from '../../model-file.ts'
import { type Budget, newBudget, spend } from '../../pickle/budget.ts'
import {
  attributesOf,
  type Entry,
  isContainer,
  isDict,
  isList,
  isObject,
  isTensor,
  itemsOf,
} from '../../pickle/value.ts'
import { moduleParts } from './module.ts'

type Container = ListValue | DictValue | ObjectValue

interface Frame {
  readonly node: Container
  readonly path: string
  readonly children: readonly Entry[]
  next: number
  /** How many tensors had been found before. */
  readonly before: number
}

/** A listed tensor takes as much memory as so many values. */
const TENSOR_COST = 8

/**
 * The tensors in an object, in its order, each under the path that leads to it: attributes, keys and places joined by dots; modules as their
 * `state_dict()` names them. A dict, list or module that occurs twice is listed under both names, as torch would; other objects once, and
 * cycles are not followed. Fails with `CORRUPT` beyond `Limits.tensors`, or where the paths are too many.
 */
export function listTensors(root: Value, budget: Budget = newBudget()): Tensor[] {
  const tensors: Tensor[] = []
  const onPath = new Set<Value>()
  /** Objects that were seen, and containers below which no tensor is. */
  const closed = new Set<Value>()
  const frames: Frame[] = []

  const add = (name: string, tensor: Omit<Tensor, 'name'>): void => {
    spend(budget, TENSOR_COST, name.length)
    if (tensors.length >= budget.limits.tensors) {
      throw new ArtError('CORRUPT', `it lists more than ${budget.limits.tensors} tensors`)
    }
    tensors.push({ name, ...tensor })
    const { scales, zeroPoints } = tensor.quantization ?? {}
    if (scales !== undefined) add(join(name, 'scales'), scales)
    if (zeroPoints !== undefined) add(join(name, 'zero_points'), zeroPoints)
  }
  const visit = (value: Value, path: string): void => {
    spend(budget, 1)
    if (isTensor(value)) return add(path, value.tensor)
    if (!isContainer(value) || onPath.has(value) || closed.has(value)) return
    const parts = moduleParts(value)
    if (isObject(value) && parts === undefined) closed.add(value)
    onPath.add(value)
    frames.push({ node: value, path, children: parts ?? childrenOf(value), next: 0, before: tensors.length })
  }

  visit(root, '')
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const child = frame.children[frame.next++]
    if (child !== undefined) {
      visit(child[1], frames.length === 1 && frame.path === '' ? stepOf(child[0]) : join(frame.path, stepOf(child[0])))
      continue
    }
    frames.pop()
    onPath.delete(frame.node)
    if (tensors.length === frame.before) closed.add(frame.node)
  }
  return tensors
}

function childrenOf(value: Container): readonly Entry[] {
  if (isDict(value)) return value.entries
  const numbered = (items: readonly Value[]): Entry[] => items.map((item, i) => [i, item])
  if (isList(value)) return numbered(value.items)
  return [...numbered(itemsOf(value.args) ?? []), ...numbered(value.items), ...attributesOf(value)]
}

function join(path: string, step: string): string {
  return `${path}.${step}`
}

/** Keys that are no text as Python prints them, more or less: they only have to differ. */
function stepOf(key: Value): string {
  if (typeof key === 'string') return key
  if (typeof key === 'boolean') return key ? 'True' : 'False'
  if (key === null) return 'None'
  if (typeof key !== 'object') return String(key)
  if (key instanceof Uint8Array) return Buffer.from(key).toString('latin1')
  const items = isList(key) ? key.items.slice(0, 8) : []
  return `(${items.map((item) => (typeof item === 'object' ? '…' : String(item))).join(', ')})`
}

/** What a reader should know of the names. */
export function warningsOf(tensors: readonly Tensor[]): string[] {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { name } of tensors) {
    if (seen.has(name)) twice.add(name)
    seen.add(name)
  }
  const warnings = [...twice].slice(0, 10).map((name) => `two tensors are named ${name}`)
  if (twice.size > 10) warnings.push(`${twice.size - 10} more names are not unique`)
  return warnings
}
