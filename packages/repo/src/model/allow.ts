import { judge } from '@art/checkpoint/scan/names/judge.ts'
import type { Config } from '../config/config.ts'

const KEY = 'check.allow_imports'

/** What the configuration allows pickles to import. */
export interface AllowedImports {
  names: string[]
  /** Left out: names that can run anything, in the file that a stranger may have committed. */
  refused: string[]
}

/**
 * A repository from a stranger brings its committed configuration along: with it, it could call its own payload safe. There a name only counts
 * that is not known to be dangerous; who trusts one that is says so where only this user writes.
 */
export function allowedImports(config: Config): AllowedImports {
  const names: string[] = config.get(KEY) ?? []
  if (config.entry(KEY)?.level !== 'project') return { names, refused: [] }
  const refused = names.filter((name) => isUnsafe(name))
  return { names: names.filter((name) => !refused.includes(name)), refused }
}

/** Can importing that name, `module.name`, do anything by itself? */
export function isUnsafe(full: string, allow?: readonly string[]): boolean {
  const dot = full.lastIndexOf('.')
  return judge(full.slice(0, dot), full.slice(dot + 1), allow) === 'unsafe'
}

/** What to tell whoever set it. */
export function refusedWarning({ refused }: AllowedImports): string | undefined {
  if (refused.length === 0) return undefined
  const names = refused.join(', ')
  return `.art/config.yaml allows ${names}, which can run anything: only \`art config --local ${KEY} <names>\` can`
}
