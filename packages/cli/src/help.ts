import yargs from 'yargs'
import { GLOBAL_FLAGS } from './command/global-flags.ts'
import type { Command, FlagSpec } from './command/spec.ts'
import { COMMANDS, isGroup } from './command/table.ts'
import { unknownVerb, usageLine } from './explain.ts'
import { renderTable } from './render/table.ts'

/** Longer lines are hard to read. */
const WIDEST = 80

/** Help for a command, a group of commands, or everything. */
export async function renderHelp([verb, second]: readonly string[], columns: number | undefined): Promise<string> {
  const width = Math.min(columns ?? WIDEST, WIDEST)
  if (verb === undefined) return overview(width)
  const entry = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined
  if (entry === undefined)
    throw unknownVerb({
      words: [verb, ...(second === undefined ? [] : [second])],
      among: Object.keys(COMMANDS),
      prefix: '',
    })
  if (!isGroup(entry)) return await commandHelp(verb, entry.summary, (await entry.load()).command, width)
  if (second === undefined) return groupHelp(verb, entry.summary, entry.verbs, width)
  const found = Object.hasOwn(entry.verbs, second) ? entry.verbs[second] : undefined
  if (found === undefined) throw unknownVerb({ words: [second], among: Object.keys(entry.verbs), prefix: `${verb} ` })
  return await commandHelp(`${verb} ${second}`, found.summary, (await found.load()).command, width)
}

function overview(width: number): string {
  const entries = Object.entries(COMMANDS)
  const groups = [...new Set(entries.map(([, { group }]) => group ?? ''))]
  const commands = groups.flatMap((group) =>
    titled(
      group,
      entries.filter(([, entry]) => entry.group === group).map(([name, { summary }]) => [name, summary]),
    ),
  )
  const flags = Object.entries(GLOBAL_FLAGS).map(([name, flag]) => [form(name, flag), flag.describe])
  return [
    'art keeps model files and datasets beside the code that made them.',
    'Usage: art <command> [flags]',
    renderTable(commands, [{}, {}, {}], width).join('\n'),
    renderTable(titled('Flags', flags), [{}, {}, {}], width).join('\n'),
    'Exit: 0 all done, 1 something is not, 2 wrong use, 130 interrupted.\n`art <command> --help` tells more.',
  ].join('\n\n')
}

/** Rows below a title that stands in the first of them. */
function titled(title: string, rows: readonly (readonly string[])[]): string[][] {
  return rows.map((row, at) => [at === 0 ? title : '', ...row])
}

function groupHelp(
  verb: string,
  summary: string,
  verbs: Readonly<Record<string, { summary: string }>>,
  width: number,
): string {
  const rows = Object.entries(verbs).map(([name, entry]) => [`  art ${verb} ${name}`, entry.summary])
  return [
    `art ${verb}: ${summary}`,
    renderTable(rows, [{}, {}], width).join('\n'),
    `\`art ${verb} <command> --help\` tells more.`,
  ].join('\n\n')
}

async function commandHelp(name: string, summary: string, command: Command, width: number): Promise<string> {
  const help = yargs([])
    .scriptName('art')
    .usage(`Usage: ${usageLine(name, command)}\n\n${command.details ?? capital(summary)}`)
    .locale('en')
    .updateStrings({ 'Positionals:': 'Operands:' })
    .version(false)
    .help(false)
    .exitProcess(false)
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false })
    .wrap(width)
  for (const { name: operand, describe } of command.operands) help.positional(operand, { describe })
  const flags = Object.entries(command.flags)
  // Those of its own come before those that it shares with others.
  for (const [key, flag] of flags.sort(([, a], [, b]) => Number('group' in a) - Number('group' in b))) {
    const long = longForm(key, flag)
    const { describe, alias, group = 'Flags' } = flag
    help.option(long, { describe, ...(alias !== undefined && { alias }) }).group([long], `${group}:`)
  }
  for (const [line, what] of command.examples) help.example(line, what)
  return await help.epilogue(`Also ${GLOBALS}: see \`art --help\`.`).getHelp()
}

const GLOBALS = Object.entries(GLOBAL_FLAGS)
  .filter(([name]) => name !== 'help')
  .map(([name, flag]) => ('alias' in flag ? `-${flag.alias}` : form(name, flag).trim()))
  .join(' ')

/** `-r, --remote <name>`; without a letter as far to the right. */
function form(name: string, flag: FlagSpec): string {
  if (name.length === 1) return `-${name}${flag.value === undefined ? '' : ` <${flag.value}>`}`
  return `${flag.alias === undefined ? '    ' : `-${flag.alias}, `}--${longForm(name, flag)}`
}

function longForm(name: string, { negated, value, choices }: FlagSpec): string {
  const takes = choices?.join('|') ?? value
  return `${negated ? 'no-' : ''}${name}${takes === undefined ? '' : ` <${takes}>`}`
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
