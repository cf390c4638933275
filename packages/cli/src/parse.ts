import parser from 'yargs-parser/browser'
import type { FlagSpec, Flags, Input } from './command/spec.ts'
import { UsageError } from './usage-error.ts'

type Value = string | number | boolean | string[]

export type Parsed = { ok: true; input: Input<Flags> } | { ok: false; unknown: string }

/** Reads flags and operands. Every value stays the text that was typed, but for `number` flags. Throws UsageError; an unknown flag is returned. */
export function parseFlags(argv: readonly string[], flags: Flags): Parsed {
  // What is typed most has none, and need not wait for the parser.
  if (!argv.some((token) => token.startsWith('-'))) return { ok: true, input: { flags: {}, operands: argv } }
  const end = argv.indexOf('--')
  const head = (end === -1 ? argv : argv.slice(0, end)).map((token) => separateShortValue(token, flags))
  const { argv: raw, error } = parser.detailed(head, parserOptions(flags))
  const { _: operands, ...values } = raw
  for (const name of Object.keys(values)) {
    const flag = flags[name]
    if (flag === undefined || (flag.type !== 'boolean' && values[name] === false)) {
      return { ok: false, unknown: asTyped(head, name, values[name] === false) }
    }
  }
  if (error !== null) throw new UsageError(argumentError(error, flags))
  const read: Record<string, Value> = {}
  for (const [name, value] of Object.entries(values)) read[name] = readValue(name, flags[name] as FlagSpec, value)
  if (end === -1) return { ok: true, input: { flags: read, operands } }
  return {
    ok: true,
    input: { flags: read, operands: [...operands, ...argv.slice(end + 1)], beforeDashes: operands.length },
  }
}

/** `--name`, `-n` of a flag. */
export function spelled(name: string, flag?: FlagSpec): string {
  const long = name.length === 1 ? `-${name}` : `--${flag?.negated ? 'no-' : ''}${name}`
  return flag?.alias === undefined ? long : `-${flag.alias}, ${long}`
}

function parserOptions(flags: Flags) {
  const names = (types: readonly FlagSpec['type'][]) =>
    Object.keys(flags).filter((name) => types.includes((flags[name] as FlagSpec).type))
  return {
    boolean: names(['boolean']),
    string: names(['string', 'number', 'list']),
    array: names(['list']),
    // A boolean takes no value, so that a file named `true` after `--json` stays a file.
    narg: Object.fromEntries(Object.keys(flags).map((name) => [name, flags[name]?.type === 'boolean' ? 0 : 1])),
    alias: Object.fromEntries(
      Object.entries(flags).flatMap(([name, { alias }]) => (alias === undefined ? [] : [[name, [alias]]])),
    ),
    configuration: {
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'strip-aliased': true,
    },
  }
}

/** `-rorigin` is `-r=origin`; yargs-parser would read five flags. */
function separateShortValue(token: string, flags: Flags): string {
  const match = /^-([A-Za-z])([^=].*)$/s.exec(token)
  if (match === null) return token
  const [, letter, value] = match as unknown as [string, string, string]
  const takes = Object.entries(flags).some(([name, flag]) => flag.type !== 'boolean' && (flag.alias ?? name) === letter)
  return takes ? `-${letter}=${value}` : token
}

function asTyped(head: readonly string[], name: string, negated: boolean): string {
  const long = negated ? `--no-${name}` : `--${name}`
  if (name.length > 1) return long
  return head.some((token) => token === long || token.startsWith(`${long}=`)) ? long : `-${name}`
}

function argumentError(error: Error, flags: Flags): string {
  const name = error.message.slice(error.message.lastIndexOf(' ') + 1)
  const [full, flag] = Object.entries(flags).find(([key, { alias }]) => key === name || alias === name) ?? [
    name,
    undefined,
  ]
  const text = spelled(full).replace(/^.*, /, '')
  return flag?.type === 'boolean' ? `${text} takes no value` : `${text} needs a value`
}

function readValue(name: string, flag: FlagSpec, value: unknown): Value {
  if (flag.type === 'boolean') return (Array.isArray(value) ? value.at(-1) : value) === true
  if (flag.type === 'list') return value as string[]
  const text = String(Array.isArray(value) ? value.at(-1) : value)
  if (flag.type === 'number') {
    if (!/^[1-9][0-9]{0,5}$/.test(text))
      throw new UsageError(`${spelled(name)} needs a whole number from 1, not '${text}'`)
    return Number(text)
  }
  if (flag.choices !== undefined && !flag.choices.includes(text)) {
    throw new UsageError(`${spelled(name)} is one of ${flag.choices.join(', ')}, not '${text}'`)
  }
  return text
}
