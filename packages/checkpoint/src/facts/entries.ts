import type { Value } from '../model-file.ts'
import { TEXT_MAX } from './fact.ts'
import { attributesOf, isDict, isList, isObject } from '../pickle/value.ts'

export interface Named {
  /** Keys from the top of the object. */
  readonly path: readonly string[]
  readonly value: Value
}

/** More entries than these are looked at in no file: facts are a few figures. */
const ENTRIES_MAX = 20_000

/**
 * What a dict, or an object with attributes, holds: itself first, then what lies in it, level by level and to that depth. Into what `enter`
 * refuses is not looked; a value that occurs twice is entered once.
 */
export function* entriesBelow(
  top: Value | undefined,
  depth: number,
  enter: (entry: Named) => boolean = () => true,
): Generator<Named> {
  const seen = new Set<Value | undefined>([top])
  let level: Named[] = top === undefined ? [] : [{ path: [], value: top }]
  let left = ENTRIES_MAX
  for (let i = 0; i < depth && level.length > 0; i++) {
    const next: Named[] = []
    for (const { path, value } of level) {
      for (const [key, child] of attributesOf(value)) {
        if (left-- <= 0) return
        const text = keyText(key)
        if (text === undefined) continue
        const entry = { path: [...path, text], value: child }
        yield entry
        if (!holdsEntries(child) || seen.has(child) || !enter(entry)) continue
        seen.add(child)
        next.push(entry)
      }
    }
    level = next
  }
}

function holdsEntries(value: Value): boolean {
  return isDict(value) || isObject(value)
}

/** One long key can stand in many dicts, and would be joined and searched in each: as cut here it is still too long to be told. */
function keyText(key: Value): string | undefined {
  if (typeof key === 'string') return key.length > TEXT_MAX ? `${key.slice(0, TEXT_MAX)}…` : key
  return typeof key === 'number' || typeof key === 'boolean' ? String(key) : undefined
}

/** As `entriesBelow`, and into lists too, whose places are keys: optimizers may stand in one. */
export function childrenWithPlaces(value: Value): readonly (readonly [string, Value])[] {
  if (isList(value)) return value.items.slice(0, 100).map((item, i) => [String(i), item] as const)
  return attributesOf(value).flatMap(([key, child]) => {
    const text = keyText(key)
    return text === undefined ? [] : [[text, child] as const]
  })
}
