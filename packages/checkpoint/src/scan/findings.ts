import { type Budget, limitReached, newBudget, SCAN_LIMITS } from './limits.ts'
import { judge } from './names/judge.ts'
import { type FoundPickle, type ScanFormat, type ScanOptions, type ScanReport, type Verdict, worse } from './report.ts'

const PROBLEMS_MAX = 200
/** Of a module's or name's text. Longer ones import nothing that exists. */
const TEXT_MAX = 200

export interface ImportRecord {
  readonly module: string
  readonly name: string
  readonly where: string
  readonly position: number
  verdict: Verdict
  called: boolean
}

/** Formats of which nothing but pickles can be code, so that a file can be safe. */
const KNOWN: ReadonlySet<ScanFormat | undefined> = new Set<ScanFormat>([
  'pytorch',
  'pytorch-legacy',
  'torchscript',
  'torch-export',
  'safetensors',
  'onnx',
  'gguf',
  'npy',
  'npz',
  'pickle',
])

/** What was found so far, and what may still be spent. */
export class Findings {
  readonly budget: Budget
  readonly options: ScanOptions
  readonly pickles: FoundPickle[] = []
  complete = true
  readonly #imports = new Map<string, ImportRecord>()
  readonly #problems = new Set<string>()
  readonly #notes = new Set<string>()

  constructor(options: ScanOptions, budget: Budget = newBudget()) {
    this.options = options
    this.budget = budget
  }

  /** For a part that may turn out to be something else: `adopt` takes over what was found. */
  child(): Findings {
    return new Findings(this.options, this.budget)
  }

  adopt(child: Findings): void {
    for (const [key, record] of child.#imports) {
      const seen = this.#imports.get(key)
      if (seen === undefined) this.#imports.set(key, record)
      else {
        seen.called ||= record.called
        seen.verdict = worse(seen.verdict, record.verdict)
      }
    }
    for (const problem of child.#problems) this.problem(problem)
    for (const note of child.#notes) this.note(note)
    this.pickles.push(...child.pickles)
    this.complete &&= child.complete
  }

  get imports(): readonly ImportRecord[] {
    return [...this.#imports.values()]
  }

  /** The record of a name at a place: the same one however often it is imported there. Fails with `UNSUPPORTED` beyond the limit. */
  import(module: string, name: string, where: string, position: number, known?: Verdict): ImportRecord {
    const key = JSON.stringify([where, module, name])
    const seen = this.#imports.get(key)
    if (seen !== undefined) return seen
    const verdict = known ?? judge(module, name, this.options.allow)
    const record = { module: shortened(module), name: shortened(name), where, position, verdict, called: false }
    this.#imports.set(key.length < 4 * TEXT_MAX ? key : JSON.stringify([where, record.module, record.name]), record)
    if (this.#imports.size > SCAN_LIMITS.imports)
      throw limitReached(`more than ${SCAN_LIMITS.imports} different imports`)
    return record
  }

  /** Something that keeps the file from being safe. */
  problem(message: string): void {
    if (this.#problems.size < PROBLEMS_MAX) this.#problems.add(message)
  }

  /** A part was not read. */
  incomplete(message: string): void {
    this.complete = false
    this.problem(message)
  }

  note(message: string): void {
    if (this.#notes.size < PROBLEMS_MAX) this.#notes.add(message)
  }

  report(format: ScanFormat | undefined): ScanReport {
    const { complete, imports, pickles } = this
    const problems = [...this.#problems]
    const start: Verdict = complete && problems.length === 0 && KNOWN.has(format) ? 'safe' : 'unknown'
    const verdict = imports.reduce<Verdict>((worst, record) => worse(worst, record.verdict), start)
    return { format, verdict, complete, imports, pickles, problems, notes: [...this.#notes] }
  }
}

function shortened(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
}
