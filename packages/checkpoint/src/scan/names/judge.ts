import type { Verdict } from '../report.ts'
import { DANGEROUS_MODULES, SPARED } from './dangerous-modules.ts'
import { DANGEROUS_ATTRIBUTES, DANGEROUS_NAMES } from './dangerous-names.ts'
import { HONEST_GLOBALS } from './honest.ts'
import { modernName } from './python2.ts'
import { TORCH_MODULES, TORCH_OPTIMIZERS } from './torch-classes.ts'
import { WEIGHTS_ONLY_GLOBALS, WEIGHTS_ONLY_REGISTERED } from './weights-only.ts'

/** Stands for a module or name that the file computes, or keeps outside itself. No module has this name. */
export const UNRESOLVED = '?'

const SAFE: ReadonlySet<string> = joined(
  WEIGHTS_ONLY_GLOBALS,
  WEIGHTS_ONLY_REGISTERED,
  HONEST_GLOBALS,
  TORCH_MODULES,
  TORCH_OPTIMIZERS,
)

/**
 * What an import can do by itself. `allow` holds names that the user trusts: `module.name` always counts, `module.*` only for names that
 * are not known to be dangerous.
 */
export function judge(module: string, name: string, allow: readonly string[] = []): Verdict {
  const names = new Set([`${module}.${name}`, modernName(module, name)])
  if (some(names, (full) => allow.includes(full))) return 'safe'
  if (some(names, (full) => isDangerous(full, name))) return 'unsafe'
  if (some(names, (full) => SAFE.has(full))) return 'safe'
  const wildcards = allow.filter((entry) => entry.endsWith('.*')).map((entry) => entry.slice(0, -1))
  return wildcards.some((start) => `${module}.`.startsWith(start)) ? 'safe' : 'unknown'
}

function isDangerous(full: string, name: string): boolean {
  if (SPARED.has(full) || SAFE.has(full)) return false
  for (let dot = full.indexOf('.'); dot >= 0; dot = full.indexOf('.', dot + 1)) {
    if (DANGEROUS_MODULES.has(full.slice(0, dot)) || DANGEROUS_NAMES.has(full.slice(0, dot))) return true
  }
  if (DANGEROUS_MODULES.has(full) || DANGEROUS_NAMES.has(full)) return true
  return name.split('.').some((part) => DANGEROUS_ATTRIBUTES.has(part))
}

function joined(...lists: readonly Readonly<Record<string, string>>[]): Set<string> {
  const all = new Set<string>()
  for (const list of lists) {
    for (const [module, names] of Object.entries(list)) {
      for (const name of names.match(/\S+/g) ?? []) all.add(`${module}.${name}`)
    }
  }
  return all
}

function some<T>(items: Iterable<T>, test: (item: T) => boolean): boolean {
  for (const item of items) if (test(item)) return true
  return false
}
