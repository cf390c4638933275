import { ALIASES, COMMANDS, type Entry, HIDDEN, isGroup } from './command/table.ts'

export type Found =
  | { kind: 'command'; name: string; entry: Entry; argv: string[]; raw?: string[] }
  | { kind: 'overview'; argv: string[] }
  | { kind: 'help'; words: string[] }
  | { kind: 'unknown'; words: string[]; among: string[]; prefix: string }

/** Finds the verb wherever global flags leave it; `argv` of what is found is without it. */
export function findCommand(given: readonly string[]): Found {
  const at = operandAt(given)
  if (at === -1 && (hasFlag(given, '--version') || hasFlag(given, '-V'))) {
    return findCommand(['version', ...given.filter((word) => word !== '--version' && word !== '-V')])
  }
  if (at === -1) return { kind: 'overview', argv: [...given] }
  const alias = own(ALIASES, given[at] as string)
  const argv = alias === undefined ? [...given] : given.toSpliced(at, 1, ...alias)
  const verb = argv[at] as string
  const rest = argv.toSpliced(at, 1)
  if (verb === 'help') return { kind: 'help', words: rest.filter((word) => !word.startsWith('-')) }
  const entry = own(COMMANDS, verb) ?? own(HIDDEN, verb)
  if (entry === undefined) {
    return {
      kind: 'unknown',
      words: [verb, ...rest.slice(at, at + 1)],
      among: [...Object.keys(COMMANDS), ...Object.keys(ALIASES)],
      prefix: '',
    }
  }
  if (!isGroup(entry) && entry.raw)
    return { kind: 'command', name: verb, entry, argv: argv.slice(0, at), raw: argv.slice(at + 1) }
  if (!isGroup(entry)) return { kind: 'command', name: verb, entry, argv: rest }
  if (asksForHelp(rest) && operandAt(rest) === -1) return { kind: 'help', words: [verb] }
  const next = operandAt(rest)
  const second = next === -1 ? entry.standard : rest[next]
  if (second === undefined) return { kind: 'help', words: [verb] }
  const found = own(entry.verbs, second)
  if (found === undefined)
    return { kind: 'unknown', words: [second], among: Object.keys(entry.verbs), prefix: `${verb} ` }
  return {
    kind: 'command',
    name: `${verb} ${second}`,
    entry: found,
    argv: next === -1 ? rest : rest.toSpliced(next, 1),
  }
}

/** `--help` or `-h` among the flags. */
export function asksForHelp(argv: readonly string[]): boolean {
  return hasFlag(argv, '--help') || hasFlag(argv, '-h')
}

export function hasFlag(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--')
  const at = argv.indexOf(flag)
  return at !== -1 && (end === -1 || at < end)
}

function operandAt(argv: readonly string[]): number {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string
    if (word === '--') return -1
    if (word === '-C' || word === '--color') at++
    else if (!word.startsWith('-') || word === '-') return at
  }
  return -1
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
