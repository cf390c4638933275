import { resolve } from 'node:path'
import { GLOBAL_FLAGS, type GlobalFlags } from './command/global-flags.ts'
import type { Command, Flags, Input } from './command/spec.ts'
import { parseFlags } from './parse.ts'
import { choosePaint } from './render/color.ts'
import { jsonPieces } from './render/json.ts'
import { Listener } from './terminal/listener.ts'
import { terminalColumns, writeOut, writePieces } from './terminal/output.ts'
import { readStdin } from './terminal/stdin.ts'
import { asksForHelp, type Found, findCommand, hasFlag } from './words.ts'

/** What ends a command in order: what it started ends too, and nothing incomplete is left. Ctrl-C, `kill`, and a terminal that goes away. */
const INTERRUPTING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs one command line to its exit code; all output is flushed. */
export async function dispatch(argv: readonly string[]): Promise<number> {
  try {
    if (argv[0] === '--get-completions') {
      const { complete } = await import('./completion/complete.ts')
      await writeOut(await complete(argv.slice(1)))
      return 0
    }
    const found = findCommand(argv)
    if (found.kind === 'command' && !asksForHelp(found.argv)) return await runCommand(found, argv)
    return await explain(found)
  } catch (error) {
    const { reportError } = await import('./report.ts')
    const verbose = hasFlag(argv, '-v') || hasFlag(argv, '--verbose')
    return await reportError(error, { argv, json: hasFlag(argv, '--json'), verbose, color: 'auto' })
  }
}

async function explain(found: Found): Promise<number> {
  if (found.kind === 'unknown') {
    const { unknownVerb } = await import('./explain.ts')
    throw unknownVerb(found)
  }
  if (found.kind === 'overview')
    await readFlags(found.argv, { ...GLOBAL_FLAGS, version: { type: 'boolean', describe: '' } }, '')
  const words = found.kind === 'command' ? found.name.split(' ') : found.kind === 'help' ? found.words : []
  const { renderHelp } = await import('./help.ts')
  await writeOut(`${await renderHelp(words, terminalColumns('stdout'))}\n`)
  return 0
}

async function runCommand(found: Extract<Found, { kind: 'command' }>, argv: readonly string[]): Promise<number> {
  const { command } = await found.entry.load()
  const input = await readInput(found, command)
  const global = input.flags as GlobalFlags
  const { json = false, quiet = false, verbose = false, progress = true, color = 'auto' } = global
  const listener = new Listener({ json, quiet, verbose, progress })
  const interruption = new AbortController()
  let code = 0
  const onInterrupt = (_: NodeJS.Signals, number: number): void => {
    code ||= 128 + number
    if (interruption.signal.aborted) process.exit(code)
    interruption.abort()
  }
  for (const signal of INTERRUPTING) process.on(signal, onInterrupt)
  try {
    const cwd = resolve(global.C ?? '.')
    const { signal } = interruption
    const outcome = await command.run({ cwd, quiet, verbose, signal, onEvent: listener.onEvent, readStdin }, input)
    const warnings = await listener.close()
    const failed = outcome.failed ?? []
    if (json) {
      const document = warnings.length === 0 ? outcome.document : { ...outcome.document, warnings }
      await writePieces(jsonPieces(document))
    } else {
      if (!quiet || outcome.always) {
        const columns = terminalColumns('stdout')
        const text = outcome.text({ columns, paint: choosePaint(color, columns !== undefined, process.env), verbose })
        if (text !== '') await writeOut(`${text}\n`)
      }
      if (failed.length > 0) await (await import('./report.ts')).reportFailures(failed, color)
    }
    return outcome.exitCode ?? (failed.length > 0 ? 1 : 0)
  } catch (error) {
    const warnings = await listener.close()
    const { reportError } = await import('./report.ts')
    const interrupted = interruption.signal.aborted ? { done: await listener.done(), code } : undefined
    return await reportError(error, { argv, json, verbose, color, interrupted, warnings })
  } finally {
    for (const signal of INTERRUPTING) process.off(signal, onInterrupt)
  }
}

async function readInput(
  { name, argv, raw }: Extract<Found, { kind: 'command' }>,
  command: Command,
): Promise<Input<Flags>> {
  const read = await readFlags(argv, { ...GLOBAL_FLAGS, ...command.flags }, name)
  const input = raw === undefined ? read : { ...read, operands: raw }
  const least = command.operands.filter(({ optional }) => !optional).length
  const most = command.operands.some(({ many }) => many) ? Number.POSITIVE_INFINITY : command.operands.length
  if (input.operands.length < least || input.operands.length > most) {
    const { wrongOperands } = await import('./explain.ts')
    const { C = '.' } = input.flags as GlobalFlags
    throw wrongOperands(name, command, { operands: input.operands, cwd: resolve(C) })
  }
  return input
}

async function readFlags(argv: readonly string[], flags: Flags, name: string): Promise<Input<Flags>> {
  const parsed = parseFlags(argv, flags)
  if (parsed.ok) return parsed.input
  const { unknownFlag } = await import('./explain.ts')
  throw unknownFlag(parsed.unknown, flags, name)
}
