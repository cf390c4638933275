import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { closest } from '@art/repo/config/suggest.ts'
import { explainAbsence } from './command/not-here.ts'
import type { Command, Flags, Operand } from './command/spec.ts'
import { escapeText } from './render/escape.ts'
import { UsageError } from './usage-error.ts'

export function unknownVerb({
  words,
  among,
  prefix,
}: {
  words: readonly string[]
  among: readonly string[]
  prefix: string
}): UsageError {
  const [verb = '', next] = words
  const absent = explainAbsence(prefix === '' ? [verb, next] : [`${prefix}${verb}`])
  if (absent !== undefined) return new UsageError(absent.message, absent.hint)
  const meant = startsLike(verb, among) ?? closest(verb, among)
  const hint =
    meant === undefined ? `Run \`art ${prefix}--help\` for the list.` : `Did you mean \`art ${prefix}${meant}\`?`
  return new UsageError(`'${prefix}${verb}' is not an art command`, hint)
}

export function unknownFlag(typed: string, flags: Flags, name: string): UsageError {
  const forms = Object.entries(flags).flatMap(([key, { alias, negated }]) => {
    const long = key.length === 1 ? `-${key}` : `--${negated ? 'no-' : ''}${key}`
    return alias === undefined ? [long] : [long, `-${alias}`]
  })
  const meant = typed.startsWith('--')
    ? (startsLike(typed, forms) ??
      closest(
        typed,
        forms.filter((form) => form.startsWith('--')),
      ))
    : undefined
  const where = name === '' ? 'art' : `art ${name}`
  const hint =
    meant === undefined
      ? `Run \`${where} --help\` for the list; names that start with a dash go after \`--\`.`
      : `Did you mean ${meant}?`
  return new UsageError(`unknown flag ${typed} of \`${where}\``, hint)
}

export function wrongOperands(
  name: string,
  command: Command,
  { operands, cwd }: { operands: readonly string[]; cwd: string },
): UsageError {
  const missing = command.operands.filter(({ optional }) => !optional)[operands.length]
  if (missing !== undefined)
    return new UsageError(`\`art ${name}\` needs ${operandForm(missing)}`, `Usage: ${usageLine(name, command)}`)
  const more = operands.slice(command.operands.length)
  const [first, ...others] = command.operands
  // Paths that are there were most likely written by the shell.
  const isExpanded =
    first?.complete === 'target' && others.length === 0 && more.every((one) => existsSync(resolve(cwd, one)))
  return new UsageError(
    `\`art ${name}\` does not take '${escapeText(more[0] ?? '')}'`,
    `${isExpanded ? 'Quote a pattern that art should expand. ' : ''}Usage: ${usageLine(name, command)}`,
  )
}

/** `art add <path…> [flags]` */
export function usageLine(name: string, command: Command): string {
  const flags = Object.keys(command.flags).length > 0 ? ['[flags]'] : []
  return ['art', name, ...command.operands.map(operandForm), ...flags].join(' ')
}

function operandForm({ name, optional, many, flag }: Operand): string {
  const form = `${name}${many ? '…' : ''}`
  if (flag !== undefined) return `[--${flag} [${form}]]`
  return optional ? `[${form}]` : `<${form}>`
}

/** The only candidate that begins as typed: `stat` for `status`. */
function startsLike(typed: string, among: readonly string[]): string | undefined {
  const matching = among.filter((candidate) => typed.length >= 3 && candidate.startsWith(typed))
  return matching.length === 1 ? matching[0] : undefined
}
