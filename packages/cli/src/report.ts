import type { ArtErrorCode, ErrorDetail } from '@art/core'
import type { Failure } from '@art/repo/api.ts'
import { type ColorChoice, choosePaint } from './render/color.ts'
import { type Problem, renderFailures, renderProblem } from './render/problem.ts'
import { quoteForShell } from './render/escape.ts'
import type { Warning } from './terminal/listener.ts'
import { terminalColumns, writeError } from './terminal/output.ts'

export interface ReportOptions {
  argv: readonly string[]
  json: boolean
  verbose: boolean
  color: ColorChoice
  /** What had been done when it was interrupted, and the exit code of the signal. */
  interrupted?: { done: string; code: number } | undefined
  warnings?: readonly Warning[]
}

/** Tells why a command failed, and returns its exit code. */
export async function reportError(error: unknown, options: ReportOptions): Promise<number> {
  const problem =
    options.interrupted === undefined ? describe(error) : interruption(options.interrupted.done, options.argv)
  const stack = options.verbose ? stackOf(error) : undefined
  if (options.json) {
    const { code, message, path = null, hint = null, details = [] } = problem
    const more = {
      ...(details.length > 0 && { details }),
      ...(options.warnings?.length && { warnings: options.warnings }),
    }
    await writeError(
      `${JSON.stringify({ error: { code, message, path, hint, ...more, ...(stack !== undefined && { stack }) } })}\n`,
    )
  } else {
    const text = renderProblem(
      problem,
      choosePaint(options.color, terminalColumns('stderr') !== undefined, process.env),
      options,
    )
    await writeError(stack === undefined ? `${text}\n` : `${text}\n${stack}\n`)
  }
  if (options.interrupted !== undefined) return options.interrupted.code
  return problem.code === 'USAGE' ? 2 : 1
}

export async function reportFailures(failed: readonly Failure[], color: ColorChoice): Promise<void> {
  const paint = choosePaint(color, terminalColumns('stderr') !== undefined, process.env)
  await writeError(`${renderFailures(failed, paint)}\n`)
}

function describe(error: unknown): Problem {
  const { name, code, message, path, hint, details } = error as {
    name?: string
    code?: ArtErrorCode
    message?: string
    path?: string
    hint?: string
    details?: readonly ErrorDetail[]
  }
  // By name: the bundle may hold the class more than once.
  if ((name === 'ArtError' || name === 'UsageError') && code !== undefined && message !== undefined) {
    return { code, message, path, hint, details }
  }
  return {
    code: 'INTERNAL',
    message: `unexpected error: ${message ?? String(error)}`,
    hint: 'Run it again with --verbose, and please report what it prints.',
  }
}

function interruption(done: string, argv: readonly string[]): Problem {
  return {
    code: 'INTERRUPTED',
    message: done === '' ? 'interrupted; nothing is lost' : `interrupted after ${done}; nothing is lost`,
    hint: `Run \`${['art', ...argv].map((word) => (/^-[\w=-]*$/.test(word) ? word : quoteForShell(word))).join(' ')}\` again to finish.`,
  }
}

function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { cause } = error
  const own = error.stack ?? `${error.name}: ${error.message}`
  return cause instanceof Error ? `${own}\ncaused by: ${stackOf(cause)}` : own
}
