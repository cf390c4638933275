import { ArtError } from '@art/core'
import type { DictValue, ListValue, ObjectValue, Tensor, Value } from '../../model-file.ts'
import { type Budget, COST, newBudget, spend, textCost } from '../../pickle/budget.ts'
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

/** Children of a container: by their places, or by keys. */
type Children = { readonly items: readonly Value[] } | { readonly entries: readonly Entry[] }

interface Frame {
  readonly node: Container
  readonly path: string | undefined
  readonly children: readonly Children[]
  part: number
  next: number
  /** How many tensors had been found before. */
  readonly before: number
}

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
    spend(budget, 1, COST.object + textCost(name.length))
    if (tensors.length >= budget.limits.tensors) {
      throw new ArtError('CORRUPT', `it lists more than ${budget.limits.tensors} tensors`)
    }
    tensors.push({ name, ...tensor })
    const { scales, zeroPoints } = tensor.quantization ?? {}
    if (scales !== undefined) add(`${name}.scales`, scales)
    if (zeroPoints !== undefined) add(`${name}.zero_points`, zeroPoints)
  }
  const visit = (value: Value, path: string | undefined): void => {
    if (isTensor(value)) return add(path ?? '', value.tensor)
    if (!isContainer(value) || onPath.has(value) || closed.has(value)) return
    const parts = moduleParts(value)
    if (isObject(value) && parts === undefined) closed.add(value)
    onPath.add(value)
    const children = parts === undefined ? childrenOf(value) : [{ entries: parts }]
    frames.push({ node: value, path, children, part: 0, next: 0, before: tensors.length })
  }

  visit(root, undefined)
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const child = nextChild(frame, budget)
    if (child !== undefined) {
      const step = stepOf(child[0], frame.next - 1)
      visit(child[1], frame.path === undefined ? step : `${frame.path}.${step}`)
      continue
    }
    frames.pop()
    onPath.delete(frame.node)
    if (tensors.length === frame.before) closed.add(frame.node)
  }
  return tensors
}

/** The next child that can hold a tensor. */
function nextChild(frame: Frame, budget: Budget): Entry | undefined {
  for (; frame.part < frame.children.length; frame.part++, frame.next = 0) {
    const children = frame.children[frame.part]!
    const length = 'items' in children ? children.items.length : children.entries.length
    while (frame.next < length) {
      const at = frame.next++
      const value = 'items' in children ? children.items[at]! : children.entries[at]![1]
      spend(budget, 1)
      if (typeof value === 'object' && value !== null) {
        return ['items' in children ? at : children.entries[at]![0], value]
      }
    }
  }
}

function childrenOf(value: Container): readonly Children[] {
  if (isDict(value)) return [{ entries: value.entries }]
  if (isList(value)) return [{ items: value.items }]
  const attributes = attributesOf(value)
  const rest = attributes.length === value.entries.length ? (value.state ?? null) : null
  const state = isList(rest) ? { items: rest.items } : { entries: [['state', rest] as Entry] }
  return [{ items: itemsOf(value.args) ?? [] }, { items: value.items }, { entries: attributes }, state]
}

/**
 * Keys that are no text as Python prints them, more or less. An optimizer that was pickled whole has parameters as keys: what Python prints by
 * its address is named by its place.
 */
function stepOf(key: Value, place: number): string {
  if (typeof key === 'string') return key
  if (typeof key === 'boolean') return key ? 'True' : 'False'
  if (key === null) return 'None'
  if (typeof key !== 'object') return String(key)
  if (key instanceof Uint8Array) return Buffer.from(key).toString('latin1')
  if (!isList(key)) return String(place)
  const items = key.items.slice(0, 8)
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
