import { type Blob, named } from './place.ts'
import type { Findings } from './findings.ts'
import { Interpreter } from './interpreter.ts'
import { spend } from './limits.ts'
import { scanNested } from './nested.ts'
import type { ScanFormat } from './report.ts'
import { type PickleRun, runPickle } from './run-pickle.ts'

/** Torch's legacy format: magic number, protocol, system, object, keys of the storages; then the storages. */
const LEGACY_PICKLES = 5

/** Of bytes that need not be a pickle. */
const MAYBE = { window: 512, patience: 64 << 10 }

/**
 * The pickles that follow one another from `start` on. Where none is expected, and behind the first, only what comes to an end or imports
 * something that could exist counts as one. Returns what they make the file; undefined where there is none.
 */
export async function scanPickles(findings: Findings, blob: Blob, start = 0): Promise<ScanFormat | undefined> {
  const { source } = blob
  let at = start
  let count = 0
  let isLegacy = false
  while (at < source.size) {
    const isExpected = count === 0 ? blob.expected : isLegacy && count < LEGACY_PICKLES
    const where = placeOf(blob, count + 1)
    const loaded = blob.loaded && (count === 0 || (isLegacy && count < LEGACY_PICKLES))
    const one = await scanOne(findings, { ...blob, where, loaded, expected: isExpected }, at)
    if (one === undefined) break
    count += 1
    isLegacy ||= one.legacy && count === 1
    at = one.run.end
    if (!one.run.stopped) {
      findings.incomplete(`${where}: ${one.run.failure}`)
      break
    }
  }
  if (count === 0) return undefined
  if (isLegacy) return 'pytorch-legacy'
  if (at < source.size && findings.complete) {
    if (!blob.expected && !importsPlausibly(findings)) return undefined
    findings.problem(named(blob, `${source.size - at} bytes follow the last pickle`))
  }
  return 'pickle'
}

function placeOf({ where }: Blob, number: number): string {
  if (where === '') return `pickle ${number}`
  return number === 1 ? where : `${where} > pickle ${number}`
}

async function scanOne(
  findings: Findings,
  blob: Blob,
  start: number,
): Promise<{ run: PickleRun; legacy: boolean } | undefined> {
  spend(findings.budget, 'pickles')
  const found = findings.child()
  const interpreter = new Interpreter(blob.where, found)
  try {
    const run = await runPickle(interpreter, blob.source, start, blob.expected ? {} : MAYBE)
    const isPickle = blob.expected || importsPlausibly(found) || (run.stopped && !interpreter.broken)
    if (!isPickle) return undefined
    findings.adopt(found)
    await scanMade(findings, interpreter, blob, run.failure)
    return { run, legacy: interpreter.legacy }
  } catch (error) {
    // What was seen before the limit, or before reading failed.
    if (blob.expected || importsPlausibly(found)) findings.adopt(found)
    throw error
  }
}

/** What a pickle holds within itself. */
async function scanMade(findings: Findings, run: Interpreter, blob: Blob, failure?: string): Promise<void> {
  const { where, opcodes, protocol } = run
  findings.pickles.push({ where, protocol, opcodes, loaded: blob.loaded, failure })
  await scanNested(findings, run, blob)
  for (const child of run.children) await scanMade(findings, child, blob)
}

/** Random bytes seldom spell a name that Python could import. */
function importsPlausibly(findings: Findings): boolean {
  const isName = (text: string): boolean => /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(text)
  return findings.imports.some(({ module, name }) => isName(module) && isName(name))
}
