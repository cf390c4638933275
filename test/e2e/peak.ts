import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Place, Work } from './harness.ts'
import { problemsOf } from './problem.ts'

const PEAK_HOOK = fileURLToPath(new URL('../bench/peak.cjs', import.meta.url))

/** Runs art as a process; its codes, each once, and the most memory that it took. */
export async function measured(
  place: Place,
  work: Work,
  ...args: string[]
): Promise<{ codes: string[]; megabytes: number }> {
  const file = place.path('peak')
  const run = { env: { NODE_OPTIONS: `--require ${PEAK_HOOK}`, ART_BENCH_PEAK: file } }
  const codes = problemsOf(await work.artWith(run, ...args, '--json')).map(({ code }) => code)
  return { codes: [...new Set(codes)], megabytes: Number(readFileSync(file, 'utf8')) / 1024 }
}
