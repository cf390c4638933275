import { GLOBAL_FLAGS } from '../command/global-flags.ts'
import type { Command, Completes, Flags } from '../command/spec.ts'
import { COMMANDS, type Entry, isGroup } from '../command/table.ts'
import { candidatesFor } from './candidates.ts'

/** One candidate a line, `value<TAB>description`; `:paths` asks the shell for its own file names. Never fails: a shell shows no errors here. */
export async function complete([current = '', ...before]: readonly string[]): Promise<string> {
  try {
    const found = await candidates(current, before)
    const matching = found.filter(([value]) => value === ':paths' || value.startsWith(current))
    return matching.map(([value, what]) => `${value}${what === undefined ? '' : `\t${what}`}\n`).join('')
  } catch {
    return ''
  }
}

type Candidate = readonly [value: string, what?: string]

async function candidates(current: string, before: readonly string[]): Promise<readonly Candidate[]> {
  const verbs = operandsOf(before, GLOBAL_FLAGS)
  const [verb, second] = verbs
  if (verb === undefined) return current.startsWith('-') ? flagCandidates(GLOBAL_FLAGS) : verbCandidates(COMMANDS)
  const entry = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined
  if (entry === undefined) return verb === 'help' ? verbCandidates(COMMANDS) : []
  if (!isGroup(entry)) return await inCommand((await entry.load()).command, current, before, 1)
  if (second === undefined) return current.startsWith('-') ? flagCandidates(GLOBAL_FLAGS) : verbCandidates(entry.verbs)
  const found = Object.hasOwn(entry.verbs, second) ? entry.verbs[second] : undefined
  return found === undefined ? [] : await inCommand((await found.load()).command, current, before, 2)
}

async function inCommand(
  command: Command,
  current: string,
  before: readonly string[],
  verbs: number,
): Promise<readonly Candidate[]> {
  const flags: Flags = { ...GLOBAL_FLAGS, ...command.flags }
  const cwd = folderOf(before)
  const afterDashes = before.includes('--')
  const waiting = afterDashes ? undefined : flagThatWaits(before.at(-1), flags)
  if (waiting !== undefined) {
    if (waiting.choices !== undefined) return waiting.choices.map((choice) => [choice])
    return waiting.complete === undefined ? [] : await named(waiting.complete, cwd)
  }
  if (current.startsWith('-') && !afterDashes) return flagCandidates(flags)
  const at = operandsOf(before, flags).length - verbs
  const operand = command.operands[Math.min(at, command.operands.length - 1)]
  if (operand === undefined || (at >= command.operands.length && !operand.many)) return []
  if (operand.choices !== undefined) return operand.choices.map((choice) => [choice])
  const own = operand.complete === undefined ? [] : await named(operand.complete, cwd)
  const next = command.operands[at + 1]
  return operand.optional && next?.complete !== undefined ? [...own, ...(await named(next.complete, cwd))] : own
}

async function named(what: Completes, cwd: string): Promise<readonly Candidate[]> {
  if (what === 'path') return [[':paths']]
  if (what === 'model') {
    // Where no releases can be had, files still can.
    const names = await candidatesFor('target', cwd).catch(() => [])
    return [[':paths'], ...names.map((value): Candidate => [value])]
  }
  return (await candidatesFor(what, cwd)).map((value) => [value])
}

function verbCandidates(entries: Readonly<Record<string, Pick<Entry, 'summary'>>>): Candidate[] {
  return Object.entries(entries).map(([name, { summary }]) => [name, summary])
}

function flagCandidates(flags: Flags): Candidate[] {
  return Object.entries(flags).map(([name, { describe, negated }]) => {
    return [name.length === 1 ? `-${name}` : `--${negated ? 'no-' : ''}${name}`, describe]
  })
}

function flagThatWaits(word: string | undefined, flags: Flags) {
  const name = /^--?([^=]+)$/.exec(word ?? '')?.[1]
  if (name === undefined) return undefined
  const [, flag] = Object.entries(flags).find(([key, { alias }]) => key === name || alias === name) ?? []
  return flag === undefined || flag.type === 'boolean' ? undefined : flag
}

function operandsOf(words: readonly string[], flags: Flags): string[] {
  const operands: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (word === '--') return [...operands, ...words.slice(at + 1)]
    if (!word.startsWith('-')) operands.push(word)
    else if (flagThatWaits(word, flags) !== undefined) at++
  }
  return operands
}

function folderOf(words: readonly string[]): string {
  const at = words.lastIndexOf('-C')
  return (at === -1 ? undefined : words[at + 1]) ?? '.'
}
