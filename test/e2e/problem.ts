import { expect } from 'vitest'
import type { Outcome, RunOptions, Work } from './harness.ts'

export interface Problem {
  code: string
  path?: string | null
  message: string
  hint?: string | null
}

/** Every failure that a `--json` run reports: the error on stderr, or what is in `failed` and `problems` of the document. */
export function problemsOf({ stdout, stderr }: Outcome): Problem[] {
  if (stdout.trim() === '') return stderr.trim() === '' ? [] : [(JSON.parse(stderr) as { error: Problem }).error]
  const document = JSON.parse(stdout) as Partial<Record<'failed' | 'problems', Problem[]>> & {
    checkout?: { failed: Problem[] }
  }
  const { failed = [], problems = [], checkout } = document
  // An artifact that could not be fetched is incomplete in the checkout too.
  const told = ({ path, code }: Problem): boolean =>
    code === 'NOT_CACHED' && failed.some((one) => one.path === path || one.path?.startsWith(`${path}/`))
  return [...failed, ...problems, ...(checkout?.failed ?? []).filter((one) => !told(one))]
}

export interface Expected {
  code: string
  /** Part of the path, or address, that is named. */
  path?: string
  hint?: RegExp
  exit?: number
  /** How many failures there are, one unless said otherwise. */
  count?: number
  run?: RunOptions
}

/**
 * Runs a command that must fail twice, with `--json` and without: code, path and hint are there for programs, `error:` and `hint:` for
 * people, and neither sees a stack trace.
 */
export async function expectProblem(work: Work, args: readonly string[], expected: Expected): Promise<void> {
  const { code, path = '', hint = /./, exit = 1, count = 1, run = {} } = expected
  const json = await work.artWith(run, '--json', ...args)
  const problems = problemsOf(json)
  const said = `${json.stdout}${json.stderr}`
  expect(
    problems.map((problem) => problem.code),
    said,
  ).toEqual(Array<string>(count).fill(code))
  expect(json.code, said).toBe(exit)
  expect(`${problems[0]?.path} ${problems[0]?.message}`, said).toContain(path)
  expect(problems[0]?.hint, said).toMatch(hint)
  const text = await work.artWith(run, ...args)
  expectPlainError(text, exit)
  expect(text.stderr.match(/^error:/gm)).toHaveLength(count)
  expect(text.stderr).toContain(path)
}

/** What a person reads: `error:` and `hint:`, never a stack trace. */
export function expectPlainError({ code, stdout, stderr }: Outcome, exit = 1): void {
  const said = stdout + stderr
  expect(code, said).toBe(exit)
  expect(stderr).toMatch(/^error: /m)
  expect(stderr).toMatch(/^hint: /m)
  expect(said).not.toMatch(/^\s+at |unexpected error|\[object /m)
}
