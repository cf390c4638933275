import { type Blob, named } from './place.ts'
import type { Findings } from './findings.ts'
import { Interpreter } from './interpreter.ts'
import { spend } from './limits.ts'
import { scanNested } from './nested.ts'
import type { ScanFormat } from './report.ts'
import { importsPlausibly, MAYBE, type PickleRun, type RunOptions, runPickle } from './run-pickle.ts'

/** Torch's legacy format: magic number, protocol, system, object, keys of the storages; then the storages. */
const LEGACY_PICKLES = 5

export interface PicklesFound {
  readonly format: ScanFormat
  readonly end: number
}

/**
 * The pickles that follow one another from `start` on. Where none is expected, and behind the first, only what comes to an end or imports
 * something that could exist counts as one. Returns what they make the file, and where they end; undefined where there is none.
 */
export async function scanPickles(findings: Findings, blob: Blob, start = 0): Promise<PicklesFound | undefined> {
  const { source } = blob
  const all: OnePickle[] = []
  let at = start
  for (let run: PickleRun | undefined; at < source.size && run?.failure === undefined; ) {
    const number = all.length + 1
    const ofLegacy = all[0]?.legacy === true && number <= LEGACY_PICKLES
    const place = { where: placeOf(blob, number), loaded: blob.loaded && (number === 1 || ofLegacy) }
    const found = await scanOne(findings, { ...blob, ...place, expected: number === 1 ? blob.expected : ofLegacy }, at)
    if (found === undefined) break
    all.push(found)
    run = found.run
    at = run.end
    if (run.failure !== undefined) findings.incomplete(`${place.where}: ${run.failure}`)
  }
  if (all.length === 0) return undefined
  if (all[0]?.legacy === true) {
    if (all.length < LEGACY_PICKLES)
      findings.incomplete(named(blob, `only ${all.length} of its five pickles are there`))
    return { format: 'pytorch-legacy', end: at }
  }
  const isWhole = at === source.size || all.at(-1)?.run.failure !== undefined
  if (!isWhole && !blob.expected && !all.some(({ plausible }) => plausible)) return undefined
  if (!isWhole) findings.problem(named(blob, `${source.size - at} bytes follow the last pickle`))
  return { format: 'pickle', end: at }
}

function placeOf({ where }: Blob, number: number): string {
  if (where === '') return `pickle ${number}`
  return number === 1 ? where : `${where} > pickle ${number}`
}

/** Records that follow one another are small as a rule. */
const STACKED: RunOptions = { window: 4 << 10 }

function runOptions(blob: Blob, start: number): RunOptions {
  if (!blob.whole && !blob.expected) return MAYBE
  return start === 0 ? {} : STACKED
}

interface OnePickle {
  readonly run: PickleRun
  readonly legacy: boolean
  /** It imports something that could exist. */
  readonly plausible: boolean
}

async function scanOne(findings: Findings, blob: Blob, start: number): Promise<OnePickle | undefined> {
  spend(findings.budget, 'pickles')
  const found = findings.child()
  const interpreter = new Interpreter(blob.where, found)
  try {
    const run = await runPickle(interpreter, blob.source, start, runOptions(blob, start))
    const plausible = importsPlausibly(found)
    if (!blob.expected && !plausible && (!run.stopped || interpreter.broken)) return undefined
    findings.adopt(found)
    await scanMade(findings, interpreter, blob, run.failure)
    return { run, legacy: interpreter.legacy, plausible }
  } catch (error) {
    // What was seen before the limit, or before reading failed.
    if (blob.expected || importsPlausibly(found)) findings.adopt(found)
    throw error
  }
}

/** What a pickle holds within itself. */
async function scanMade(findings: Findings, run: Interpreter, blob: Blob, failure?: string): Promise<void> {
  const { where, opcodes, dtypes, protocol } = run
  findings.pickles.push({ where, protocol, opcodes, dtypes, loaded: blob.loaded, failure })
  await scanNested(findings, run, blob)
  for (const child of run.children) await scanMade(findings, child, blob)
}
