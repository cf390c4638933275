import type { DictValue, ListValue, Value } from '../model-file.ts'
import { affords, type Budget, COST, spend } from './budget.ts'
import { isList } from './value.ts'

/**
 * Gives every key one entry, as Python's `dict` would: the place of the first, the value of the last. `1`, `1.0` and `True` are one key;
 * NaN equals none.
 */
export function uniteKeys({ entries }: DictValue, budget: Budget): void {
  if (entries.length < 2) return
  const placeOf = placesOfKeys(entries.length, budget)
  let kept = 0
  for (const entry of entries) {
    const place = placeOf(entry[0], kept)
    if (place === kept) entries[kept++] = entry
    else entries[place] = [entries[place]![0], entry[1]]
  }
  entries.length = kept
}

/** Likewise for the items of a set: the first one stays. */
export function uniteItems({ items }: ListValue, budget: Budget): void {
  const placeOf = placesOfKeys(items.length, budget)
  let kept = 0
  for (const item of items) if (placeOf(item, kept) === kept) items[kept++] = item
  items.length = kept
}

/** Returns the place that an equal key was given before, else gives it the one offered. */
function placesOfKeys(count: number, budget: Budget): (key: Value, offered: number) => number {
  affords(budget, count * COST.place)
  const plain = new Map<unknown, number>()
  const described = new Map<string, number>()
  return (key, offered) => {
    if (Number.isNaN(key)) return offered
    const text = needsDescription(key) ? JSON.stringify(describe(key, budget)) : undefined
    const identity = typeof key === 'boolean' ? Number(key) : key
    const place = text === undefined ? plain.get(identity) : described.get(text)
    if (place !== undefined) return place
    if (text === undefined) plain.set(identity, offered)
    else described.set(text, offered)
    return offered
  }
}

/** Strings, numbers and objects are told apart by a Map; these are equal when their parts are. */
function needsDescription(key: Value): boolean {
  return key instanceof Uint8Array || (isList(key) && (key.kind === 'tuple' || key.kind === 'frozenset'))
}

/** Recursive: values are no deeper than `Limits.depth`, which is checked before. */
function describe(value: Value, budget: Budget): unknown {
  spend(budget, 1, COST.container)
  if (typeof value === 'string') {
    spend(budget, 0, value.length)
    return value
  }
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : ['float', String(value)]
  if (typeof value === 'bigint') return ['integer', value.toString(16)]
  if (value instanceof Uint8Array) {
    spend(budget, 0, value.length)
    return ['bytes', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')]
  }
  if (needsDescription(value) && isList(value)) return [value.kind, value.items.map((item) => describe(item, budget))]
  // Objects are equal to themselves alone. What is left of the budget is never the same twice.
  return value === null ? null : ['object', budget.values]
}
