import type { Paint } from './color.ts'
import { quoteForShell } from './escape.ts'

const MOST_PATHS = 20

/** The command that gives the changed files to git, to be copied; nothing where git has them or is not used. */
export function gitAddLines(paths: readonly string[], staged: boolean, paint: Paint): string[] {
  if (paths.length === 0 || staged) return []
  const words = paths.length > MOST_PATHS ? ['-A', "'*.art'", "'*.gitignore'"] : ['--', ...paths.map(quoteForShell)]
  const needsDashes = paths.some((path) => path.startsWith('-'))
  const line = ['git', 'add', ...(paths.length > MOST_PATHS || needsDashes ? words : words.slice(1))].join(' ')
  return ['', paint('dim', 'next, for git:'), `  ${line}`]
}
