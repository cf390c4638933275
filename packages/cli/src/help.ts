import yargs from 'yargs'
import { GLOBAL_FLAGS } from './command/global-flags.ts'
import type { Command, FlagSpec, Flags } from './command/spec.ts'
import { COMMANDS, isGroup } from './command/table.ts'
import { unknownVerb, usageLine } from './explain.ts'
import { renderTable } from './render/table.ts'

const WIDEST = 100

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
  const widest = Math.max(...Object.keys(COMMANDS).map((name) => name.length))
  const entries = Object.entries(COMMANDS)
  const groups = [...new Set(entries.map(([, { group }]) => group))]
  const sections = groups.map((group) => {
    const own = entries.filter(([, entry]) => entry.group === group)
    const rows = own.map(([name, { summary }]) => [`  ${name.padEnd(widest)}`, summary])
    return [group, ...renderTable(rows, [{}, {}], width)].join('\n')
  })
  return [
    'art keeps model files and datasets beside the code that made them.',
    'Usage: art <command> [flags]',
    ...sections,
    'Exit: 0 all done, 1 something is not, 2 wrong use, 130 interrupted. `art <command> --help` tells more.',
  ].join('\n\n')
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
  const operands = command.operands.map(({ name: operand, describe }) => [`  ${operand}`, describe])
  const paragraphs = [
    usageLine(name, command),
    capital(summary),
    ...(command.details === undefined ? [] : [command.details]),
    ...(operands.length === 0 ? [] : [`Operands:\n${renderTable(operands, [{}, {}], undefined).join('\n')}`]),
  ]
  const help = yargs([])
    .scriptName('art')
    .usage(paragraphs.join('\n\n'))
    .locale('en')
    .version(false)
    .help(false)
    .exitProcess(false)
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false })
    .wrap(width)
  addFlags(help, command.flags, 'Flags:')
  addFlags(help, GLOBAL_FLAGS, 'Everywhere:')
  return await help.example(command.examples.map(([line, what]) => [line, what])).getHelp()
}

function addFlags(help: ReturnType<typeof yargs>, flags: Flags, title: string): void {
  for (const [key, flag] of Object.entries(flags)) {
    const name = flag.negated ? `no-${key}` : key
    help.option(name, option(flag)).group([name], title)
  }
}

function option({ type, describe, alias, value, choices }: FlagSpec) {
  return {
    type: type === 'boolean' ? ('boolean' as const) : type === 'list' ? ('array' as const) : ('string' as const),
    describe: value === undefined || choices !== undefined ? describe : `<${value}> ${describe}`,
    ...(alias !== undefined && { alias }),
    ...(choices !== undefined && { choices }),
  }
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
