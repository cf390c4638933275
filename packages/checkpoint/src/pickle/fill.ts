import type { Value } from '../model-file.ts'
import { type Budget, COST, spend } from './budget.ts'
import { corruptPickle } from './corrupt.ts'
import { type Entry, isDict, isList, isObject } from './value.ts'

/** What APPEND, APPENDS and ADDITEMS do. An object may be a list's or set's subclass. */
export function addItems(target: Value, items: readonly Value[], budget: Budget): void {
  if (!isObject(target) && !(isList(target) && target.kind !== 'tuple' && target.kind !== 'frozenset')) {
    throw corruptPickle('items are added to what is no list')
  }
  spend(budget, 0, items.length * COST.slot + (target.items.length === 0 ? COST.growth : 0))
  for (const item of items) target.items.push(item)
}

/** What SETITEM and SETITEMS do. A key may then occur twice: `settle` unites them, once it knows which are equal. */
export function setKeys(target: Value, entries: readonly Entry[], budget: Budget): void {
  if (!isDict(target) && !isObject(target)) throw corruptPickle('a key is set on what is no dict')
  spend(budget, 0, entries.length * COST.entry + (target.entries.length === 0 ? COST.growth : 0))
  for (const entry of entries) target.entries.push(entry)
}

/**
 * What BUILD does. Attributes on a dict (OrderedDict's `_metadata`) and on a class are left out: the first are torch's own version numbers, the
 * second no honest writer makes. Of two states the last one counts, of a tensor none.
 */
export function setState(target: Value, state: Value): void {
  if (isObject(target)) target.state = state
  else if (typeof target !== 'object' || target === null || target instanceof Uint8Array) {
    throw corruptPickle('a state for what has none')
  }
}
