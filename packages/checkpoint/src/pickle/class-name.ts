import type { GlobalValue } from '../model-file.ts'
import { type Budget, COST, spend } from './budget.ts'
import { isDict, isGlobal, isList, isTuple, type MutableObject, tuple } from './value.ts'

/** Protocols 0 to 2 spell the names of modules as Python 2 did. */
export function callName({ module, name }: GlobalValue): string {
  if (module === '__builtin__') return `builtins.${name}`
  if (module === 'copy_reg') return `copyreg.${name}`
  return `${module}.${name}`
}

/**
 * Protocols 0 and 1 make an instance by `copyreg._reconstructor(class, base, content)`, others now and then by `copyreg.__newobj__`. Turns
 * either into what NEWOBJ would have made: an instance of the class, with the content that its base class holds.
 */
export function rebase(node: MutableObject, budget: Budget): void {
  if (!isGlobal(node.type) || !isTuple(node.args)) return
  const name = callName(node.type)
  const [type, ...rest] = node.args.items
  if (type === undefined || !name.startsWith('copyreg.')) return
  if (name === 'copyreg.__newobj__') {
    node.type = type
    node.args = tuple(rest)
  } else if (name === 'copyreg._reconstructor') {
    const content = rest[1] ?? null
    node.type = type
    node.args = tuple(content === null || isDict(content) || isList(content) ? [] : [content])
    if (isDict(content)) addFirst(node.entries, content.entries, budget)
    if (isList(content)) addFirst(node.items, content.items, budget)
  }
}

/** Puts items before those that are there. A spread call would overflow the stack. */
export function addFirst<T>(target: T[], items: readonly T[], budget: Budget): void {
  spend(budget, items.length, items.length * COST.slot)
  const later = target.splice(0)
  for (const item of items) target.push(item)
  for (const item of later) target.push(item)
}
