import type { DictValue, GlobalValue, ListValue, ObjectValue, TensorValue, Value } from '../model-file.ts'

export type Entry = [key: Value, value: Value]

/** While a pickle is read an object may still turn out to be another. */
export interface MutableObject extends Omit<ObjectValue, 'type' | 'args'> {
  type: Value
  args: Value | undefined
}

export function list(items: Value[]): ListValue {
  return { kind: 'list', items }
}

export function tuple(items: Value[]): ListValue {
  return { kind: 'tuple', items }
}

export function dict(entries: Entry[]): DictValue {
  return { kind: 'dict', entries }
}

export function object(type: Value, args: Value | undefined): MutableObject {
  return { kind: 'object', type, args, state: undefined, items: [], entries: [] }
}

type Composite = ListValue | DictValue | TensorValue | GlobalValue | ObjectValue

function isComposite(value: Value | undefined): value is Composite {
  return typeof value === 'object' && value !== null && 'kind' in value
}

export function isDict(value: Value | undefined): value is DictValue {
  return isComposite(value) && value.kind === 'dict'
}

export function isObject(value: Value | undefined): value is ObjectValue {
  return isComposite(value) && value.kind === 'object'
}

export function isGlobal(value: Value | undefined): value is GlobalValue {
  return isComposite(value) && value.kind === 'global'
}

export function isTensor(value: Value | undefined): value is TensorValue {
  return isComposite(value) && value.kind === 'tensor'
}

/** A list, tuple, set or frozenset. */
export function isList(value: Value | undefined): value is ListValue {
  return isComposite(value) && 'items' in value && value.kind !== 'object'
}

export function isTuple(value: Value | undefined): value is ListValue {
  return isList(value) && value.kind === 'tuple'
}

/** What can hold other values. */
export function isContainer(value: Value | undefined): value is ListValue | DictValue | ObjectValue {
  return isList(value) || isDict(value) || isObject(value)
}

/** `module.name` of a global, `module.name` of an object's class; undefined for all else. */
export function nameOf(value: Value | undefined): string | undefined {
  if (isObject(value)) return nameOf(value.type)
  return isGlobal(value) ? `${value.module}.${value.name}` : undefined
}

/** The items of a tuple or list; undefined for all else. */
export function itemsOf(value: Value | undefined): readonly Value[] | undefined {
  return isList(value) ? value.items : undefined
}

/**
 * What a person would call an object's attributes: of a dict its entries; of an instance what `__dict__` and `__slots__` held when it was
 * saved, after the entries it has as a mapping (a class derived from dict). Argparse's Namespace, dataclasses and `AttributeDict` alike.
 */
export function attributesOf(value: Value | undefined): readonly Entry[] {
  if (isDict(value)) return value.entries
  if (!isObject(value)) return []
  const states = isTuple(value.state) && value.state.items.length === 2 ? value.state.items : [value.state]
  return states.reduce<Entry[]>((all, state) => (isDict(state) ? all.concat(state.entries) : all), value.entries)
}

/** The attribute or entry of that name; the last one where there are several. */
export function attribute(value: Value | undefined, name: string): Value | undefined {
  return attributesOf(value).findLast(([key]) => key === name)?.[1]
}

/**
 * What an Enum's member stands for: Python saves it as a call of its class with that one scalar. Undefined for what does not look so.
 */
export function enumValue(value: Value | undefined): string | number | undefined {
  if (!isObject(value) || !isTuple(value.args) || value.args.items.length !== 1 || !isGlobal(value.type))
    return undefined
  if (value.state !== undefined || value.items.length > 0 || value.entries.length > 0) return undefined
  const only = value.args.items[0]
  return typeof only === 'string' || typeof only === 'number' ? only : undefined
}
