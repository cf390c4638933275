import { ArtError } from '@art/core'
import type { DictValue, GlobalValue, ListValue, ObjectValue, Value } from '../model-file.ts'
import { type Budget, COST, spend } from './budget.ts'
import { uniteItems, uniteKeys } from './key.ts'
import { dict, isContainer, isDict, isGlobal, isList, isObject, type MutableObject } from './value.ts'
import { addFirst, callName, rebase } from './class-name.ts'

/**
 * Makes plain data of a call whose parts are plain already. `args` are the positional arguments. Undefined: it is not understood, and stays
 * the object it is.
 */
export type Known = (args: readonly Value[], object: MutableObject, budget: Budget) => Value | undefined

export interface Knowledge {
  /** `module.name` of what is called, in Python 3's spelling. */
  readonly calls: ReadonlyMap<string, Known>
  /** Names that stand for a value: dtypes. */
  global(value: GlobalValue): Value
  /** May exchange values of a dict that is complete. */
  dict?(value: DictValue): void
}

interface Frame {
  readonly node: Container
  next: number
  height: number
}

type Container = ListValue | DictValue | MutableObject

/** Called without arguments, or with what they are to hold, these are filled by APPENDS and SETITEMS like a dict or list. */
const DICTS = new Set(['collections.OrderedDict', 'collections.defaultdict', 'collections.Counter', 'builtins.dict'])
const LISTS: ReadonlyMap<string, ListValue['kind']> = new Map([
  ['builtins.list', 'list'],
  ['collections.deque', 'list'],
  ['builtins.set', 'set'],
])

/**
 * Turns what a pickle describes into plain data, each value once and from the inside out, in place. Cycles stay. Fails with `CORRUPT` where
 * values are nested deeper than the limit or the budget is spent; takes no stack, whatever the nesting.
 */
export function settle(root: Value, knowledge: Knowledge, budget: Budget): Value {
  /** Of what is settled: how deep it is nested. Of what is being settled: 0. */
  const heights = new Map<Value, number>()
  const replaced = new Map<Value, Value>()
  const frames: Frame[] = []

  const resultOf = (value: Value): Value => {
    if (isGlobal(value)) return knowledge.global(value)
    const result = replaced.get(value)
    return result === undefined ? value : result
  }
  const enter = (value: Value): boolean => {
    if (!isContainer(value) || heights.has(value)) return false
    if (frames.length >= budget.limits.depth) throw tooDeep(budget)
    heights.set(value, 0)
    const early = isObject(value) ? earlyContainer(value) : undefined
    if (early !== undefined) {
      replaced.set(value, early)
      heights.set(early, 0)
    }
    frames.push({ node: value, next: 0, height: 0 })
    return true
  }
  const leave = ({ node, height }: Frame): void => {
    if (height >= budget.limits.depth) throw tooDeep(budget)
    heights.set(node, height)
    const result = node.kind === 'object' ? finishObject(node, replaced.get(node), knowledge, budget) : node
    finishContainer(result, knowledge, budget)
    if (result === node) return
    replaced.set(node, result)
    if (isContainer(result)) heights.set(result, height)
  }

  enter(root)
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    let child = childAt(frame.node, frame.next)
    // Most are text and numbers, which stay as they are.
    while (child !== undefined && (typeof child !== 'object' || child === null))
      child = childAt(frame.node, ++frame.next)
    if (child === undefined) {
      frames.pop()
      leave(frame)
    } else if (!enter(child)) {
      frame.height = Math.max(frame.height, 1 + (heights.get(child) ?? 0))
      putChild(frame.node, frame.next++, resultOf(child))
    }
  }
  return resultOf(root)
}

/** So that what refers to itself refers to the dict that it becomes. */
function earlyContainer(value: ObjectValue): ListValue | DictValue | undefined {
  const name = isGlobal(value.type) ? callName(value.type) : ''
  if (DICTS.has(name)) return dict(value.entries)
  const kind = LISTS.get(name)
  return kind === undefined ? undefined : { kind, items: value.items }
}

function finishObject(node: MutableObject, early: Value | undefined, knowledge: Knowledge, budget: Budget): Value {
  if (isDict(early)) return fillDict(early, node.args, budget)
  if (isList(early)) return fillList(early, node.args, budget)
  rebase(node, budget)
  if (!isGlobal(node.type)) return node
  const args = isList(node.args) ? node.args.items : []
  const made = knowledge.calls.get(callName(node.type))?.(args, node, budget)
  return made === undefined ? node : made
}

function finishContainer(value: Value, knowledge: Knowledge, budget: Budget): void {
  if (isDict(value)) {
    uniteKeys(value, budget)
    knowledge.dict?.(value)
  } else if (isList(value) && (value.kind === 'set' || value.kind === 'frozenset')) {
    uniteItems(value, budget)
  }
}

/** `OrderedDict([[key, value], …])`, `Counter({…})`, `defaultdict(factory)`: what the call was given goes before what was set later. */
function fillDict(target: DictValue, args: Value | undefined, budget: Budget): DictValue {
  const given: [Value, Value][] = []
  for (const arg of isList(args) ? args.items : []) {
    if (isDict(arg)) for (const entry of arg.entries) given.push(entry)
    if (!isList(arg)) continue
    spend(budget, arg.items.length, arg.items.length * COST.entry)
    for (const pair of arg.items)
      if (isList(pair) && pair.items.length === 2) given.push([pair.items[0]!, pair.items[1]!])
  }
  addFirst(target.entries, given, budget)
  return target
}

function fillList(target: ListValue, args: Value | undefined, budget: Budget): ListValue {
  const [given] = isList(args) ? args.items : []
  if (isList(given)) addFirst(target.items, given.items, budget)
  return target
}

function childAt(node: Container, i: number): Value | undefined {
  if (node.kind === 'dict') return node.entries[i >> 1]?.[i & 1]
  if (node.kind !== 'object') return node.items[i]
  if (i === 0) return isGlobal(node.type) ? null : node.type
  if (i === 1) return node.args ?? null
  if (i === 2) return node.state ?? null
  const entry = i - 3
  return entry < node.entries.length * 2
    ? node.entries[entry >> 1]![entry & 1]
    : node.items[entry - node.entries.length * 2]
}

function putChild(node: Container, i: number, value: Value): void {
  if (node.kind === 'dict') node.entries[i >> 1]![i & 1] = value
  else if (node.kind !== 'object') node.items[i] = value
  else if (i === 0) node.type = isGlobal(node.type) ? node.type : value
  else if (i === 1) node.args = node.args === undefined ? undefined : value
  else if (i === 2) node.state = node.state === undefined ? undefined : value
  else {
    const entry = i - 3
    if (entry < node.entries.length * 2) node.entries[entry >> 1]![entry & 1] = value
    else node.items[entry - node.entries.length * 2] = value
  }
}

function tooDeep(budget: Budget): ArtError {
  return new ArtError('CORRUPT', `a pickle nests values deeper than ${budget.limits.depth}`)
}
