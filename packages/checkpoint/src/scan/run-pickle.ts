import { isArtError } from '@art/core'
import { OPCODE_FORMS } from '../pickle/opcode-table.ts'
import { OP, OpcodeReader } from '../pickle/opcodes.ts'
import type { Source } from '../source.ts'
import type { Findings } from './findings.ts'
import type { Interpreter } from './interpreter.ts'
import { isLimit, limitReached, spend } from './limits.ts'

const WINDOW = 64 << 10
const WINDOW_MAX = 256 << 10
/** Constants beyond this are not read, only where they stand is kept. */
const SKIPPED = 512 << 10
/** No name, number or text of protocol 0 needs a longer line. */
const LINE_MAX = 4 << 20

/** How far a pickle was followed. */
export interface PickleRun {
  /** It came to STOP. */
  readonly stopped: boolean
  /** Behind STOP, or where it went wrong. */
  readonly end: number
  /** Why it did not come to STOP. */
  readonly failure: string | undefined
}

export interface RunOptions {
  /** Bytes to read first. */
  readonly window?: number
  /** To give up where so many bytes have imported nothing: of bytes that need not be a pickle at all. */
  readonly patience?: number
}

/** Of data that need not be a pickle, of which there may be a lot: most are done with by what was read with their header. */
export const MAYBE: RunOptions = { window: 256, patience: 64 << 10 }

/**
 * Feeds the opcodes of one pickle to an interpreter, through a window: memory does not grow with the pickle, and long constants are not
 * read. Fails with `UNSUPPORTED` where the budget ends, and as reading fails.
 */
export async function runPickle(
  run: Interpreter,
  source: Source,
  start: number,
  { window = WINDOW, patience = Infinity }: RunOptions = {},
): Promise<PickleRun> {
  let at = start
  let wanted = window
  for (;;) {
    const length = Math.min(wanted, source.size - at)
    const bytes = await source.read(at, length, run.findings.options)
    const reader = new OpcodeReader(bytes, 0, source.size - at - length)
    const outcome = feed(run, reader, at)
    if (outcome === 'stopped') return { stopped: true, end: at + reader.end, failure: undefined }
    const next =
      outcome === 'array' ? await skipArray(run, source, at + reader.end) : moveOn(run, reader, bytes, at, outcome)
    if (typeof next === 'string') {
      return { stopped: false, end: at + reader.position, failure: `${next}, at byte ${at + reader.position}` }
    }
    if (next > source.size || (next === at && at + length === source.size)) {
      return { stopped: false, end: at + reader.position, failure: `it is cut off, at byte ${at + reader.position}` }
    }
    wanted = next === at || length < WINDOW_MAX ? length * 4 : WINDOW_MAX
    if (wanted > LINE_MAX)
      return { stopped: false, end: at, failure: `a line of more than ${length} bytes, at byte ${at}` }
    at = next
    if (at - start > patience && run.imports === 0) return { stopped: false, end: at, failure: 'it imports nothing' }
  }
}

/** All opcodes of the reader's bytes. Returns what ended them: STOP, an array's bytes, the end of the window, or what is wrong. */
function feed(run: Interpreter, reader: OpcodeReader, base: number): string {
  const { budget } = run.findings
  try {
    while (reader.next() !== OP.STOP) {
      if (--budget.opcodes < 0) throw limitReached('more opcodes than art follows')
      run.step(reader, base)
      if (run.array !== undefined) return 'array'
    }
    run.step(reader, base)
    return 'stopped'
  } catch (error) {
    if (reader.cutOff) return 'cut off'
    const isOfReader = isArtError(error, 'CORRUPT') || isArtError(error, 'UNSUPPORTED')
    if (!isOfReader || isLimit(error)) throw error
    return error.message.replace(/^damaged pickle: /, '').replace(/, at byte \d+$/, '')
  }
}

/** Where the next window begins, behind a long constant that the interpreter is told of; or what is wrong. */
function moveOn(
  run: Interpreter,
  reader: OpcodeReader,
  bytes: Uint8Array,
  base: number,
  outcome: string,
): number | string {
  if (outcome !== 'cut off') return outcome
  const { argumentStart: start, position, wanted } = reader
  if (reader.code === OP.FRAME && position + 9 <= bytes.length) return 'a frame is cut off'
  if (wanted - position < SKIPPED || start <= position) return base + position
  run.pushCutOff(reader, base, wanted)
  return base + wanted
}

/** Where the opcodes go on behind an array's bytes; or why that is not known. */
async function skipArray(run: Interpreter, source: Source, at: number): Promise<number | string> {
  const { array } = run
  run.array = undefined
  if (array === undefined || array.kind === 'unknown') return 'an array follows whose size cannot be known'
  // Joblib would read the array behind the frame, and go on with the frame's opcodes before that.
  if (at < run.frameEnd) return 'an array amid a frame'
  await readOn(run, source, at, array.kind)
  if (array.kind === 'pickle') {
    const child = run.within(`objects at ${at}`)
    if (child === undefined) return 'arrays of objects lie too deep in one another'
    const inner = await runPickle(child, source, at)
    return inner.failure ?? inner.end
  }
  const padding = array.padded && at < source.size ? 1 + (await source.read(at, 1, run.findings.options))[0]! : 0
  return at + padding + array.length
}

/**
 * Every unpickler but joblib's takes the bytes of an array for opcodes. Honest ones begin with a count of padding, which is none. Those of an
 * array of objects are a pickle, which makes no sense as a part of this one: of what it would import so, only what is dangerous counts.
 */
async function readOn(run: Interpreter, source: Source, at: number, kind: 'raw' | 'pickle'): Promise<void> {
  const [first] = await source.read(at, Math.min(1, source.size - at), run.findings.options)
  if (first === undefined || OPCODE_FORMS[first] === 0) return
  spend(run.findings.budget, 'members')
  const other = run.fork()
  if (other === undefined) return run.findings.incomplete(`${run.where}: arrays lie too deep in one another`)
  await runPickle(other, source, at, MAYBE)
  const isDangerous = other.findings.imports.some(({ verdict }) => verdict === 'unsafe')
  if (isDangerous || (kind === 'raw' && importsPlausibly(other.findings))) run.findings.adopt(other.findings)
}

/** Random bytes seldom spell a name that Python could import. */
export function importsPlausibly(findings: Findings): boolean {
  const isName = (text: string): boolean => /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(text)
  return findings.imports.some(({ module, name }) => isName(module) && isName(name))
}
