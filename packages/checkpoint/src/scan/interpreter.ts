import { OP, OPCODE_NAMES, type OpcodeReader } from '../pickle/opcodes.ts'
import { effectOf, type Nested } from './call.ts'
import { constantOf } from './constant.ts'
import type { Findings, ImportRecord } from './findings.ts'
import type { ArrayBytes } from './joblib.ts'
import { limitReached, SCAN_LIMITS } from './limits.ts'
import { UNRESOLVED } from './names/judge.ts'
import type { Verdict } from './report.ts'
import { SymbolMemo, SymbolStack } from './stack.ts'
import { STEPS } from './steps.ts'
import { type Constant, DATA, type Imported, isConstant, isKind, itemsOf, type Symbolic, UNKNOWN } from './symbol.ts'

/** Of one pickle, whether they are different ones or not: writers keep in the memo what they need again. */
const IMPORTS_MAX = 500_000

/** Of one pickle; one is enough to keep the file from being safe. */
const PROBLEMS_MAX = 20

/**
 * Follows what a pickle does to stack, marks and memo as far as imports and calls depend on it; nothing is imported or called. Where Python
 * would stop because of a value, it goes on: what is only reached in another version of Python is reported too.
 */
export class Interpreter {
  readonly where: string
  readonly findings: Findings
  readonly stack: SymbolStack
  readonly memo: SymbolMemo
  readonly nested: Nested[] = []
  readonly children: Interpreter[] = []
  /** Raw bytes of an array follow, which are no opcodes: whoever feeds the reader skips them and resets this. */
  array: ArrayBytes | undefined
  /** Where the frame ends that was begun last. */
  frameEnd = 0
  /** The next dict is the state of an array wrapper. */
  tracking = false
  protocol = 0
  imports = 0
  /** Torch's magic number was pushed. */
  legacy = false
  /** It does what Python stops at. */
  broken = false
  /** What `numpy.dtype` was called with. */
  readonly dtypes = new Set<string>()
  /** Imports that do no more than unpickle what they are given, all of which is among `nested`. */
  readonly judgedByArgument = new Set<ImportRecord>()
  /** Such imports that were given something else. */
  readonly unknownArguments = new Set<ImportRecord>()
  readonly #depth: number
  readonly #used = new Uint8Array(256)
  readonly #known = new Map<string, Map<string, Imported>>()
  #problems = 0

  constructor(where: string, findings: Findings, depth = 0, stack = new SymbolStack(), memo = new SymbolMemo()) {
    this.where = where
    this.findings = findings
    this.stack = stack
    this.memo = memo
    this.#depth = depth
  }

  /** As if what comes next were opcodes of this pickle; what it finds is its own. Undefined where they lie too deep in one another. */
  fork(): Interpreter | undefined {
    if (this.#depth === SCAN_LIMITS.depth) return undefined
    const { where, findings, stack, memo } = this
    return new Interpreter(where, findings.child(), this.#depth + 1, stack.fork(), new SymbolMemo(memo))
  }

  /** For a pickle in the midst of this one; undefined where they lie too deep in one another. */
  within(where: string): Interpreter | undefined {
    if (this.#depth === SCAN_LIMITS.depth) return undefined
    const child = new Interpreter(`${this.where} > ${where}`, this.findings, this.#depth + 1)
    this.children.push(child)
    return child
  }

  get opcodes(): Set<string> {
    return new Set(OPCODE_NAMES.filter((name, code) => name !== undefined && this.#used[code] === 1) as string[])
  }

  /** Does what the opcode does that the reader stands on. `base` is where the reader's bytes begin in the source. */
  step(reader: OpcodeReader, base: number): void {
    const { code } = reader
    this.#used[code] = 1
    const step = STEPS[code]
    if (step !== undefined) step(this, reader, base)
    // Constants, empty containers, buffers: each pushes one value that nothing can be made of.
    else if (code !== OP.STOP) this.stack.push(DATA)
    if (this.stack.broken && !this.broken) this.fail('takes what is not on the stack', base + reader.position)
  }

  /** Pushes a constant that `next()` found cut off, and that ends at `end`. */
  pushCutOff(reader: OpcodeReader, base: number, end: number): void {
    this.#used[reader.code] = 1
    this.push(constantOf(reader, base, end))
  }

  /** Pushes a value that may be a pickle itself. */
  push(symbol: Symbolic): void {
    if (isConstant(symbol) && symbol.suspect) this.nest(symbol)
    this.stack.push(symbol)
  }

  /** Has a constant scanned as a pickle, which `by` was called to read. */
  nest(constant: Constant, by?: ImportRecord): void {
    if (this.nested.length < SCAN_LIMITS.pickles) this.nested.push({ constant, by })
    else this.findings.incomplete(`${this.where}: more pickles within it than art follows`)
  }

  import(module: string, name: string, position: number, known?: Verdict): Imported {
    if (++this.imports > IMPORTS_MAX) throw limitReached(`more than ${IMPORTS_MAX} imports`)
    let names = this.#known.get(module)
    if (names === undefined) this.#known.set(module, (names = new Map()))
    const seen = names.get(name)
    if (seen !== undefined) return seen
    if (known === undefined && (module === UNRESOLVED || name === UNRESOLVED)) {
      this.problem('imports a name that cannot be known without running it', position)
    }
    const record = this.findings.import(module, name, this.where, position, known)
    const made = { kind: 'made', by: record } as const
    const symbol: Imported = { kind: 'import', record, made, effect: effectOf(record) }
    names.set(name, symbol)
    return symbol
  }

  call(callee: Symbolic, args: Symbolic, position: number): void {
    if (isKind(callee, 'import')) {
      callee.record.called = true
      this.push(callee.effect?.(this, callee.record, itemsOf(args), position) ?? callee.made)
      return
    }
    if (isKind(callee, 'made') || isKind(callee, 'dtype')) {
      this.problem(`calls what ${callee.by.module}.${callee.by.name} returned`, position)
    } else this.problem('calls a value that is no import', position)
    this.stack.push(UNKNOWN)
  }

  /**
   * Adding to an instance, or setting its state, is what pickles do. On a class or module it changes the program; on bytes, which may be
   * unpickled later, what they hold.
   */
  change(position: number): void {
    const target = this.stack.top
    if (isConstant(target)) this.problem('changes bytes that it holds', position)
    if (isKind(target, 'import')) this.problem(`changes ${target.record.module}.${target.record.name} itself`, position)
  }

  problem(what: string, position: number): void {
    if (this.#problems < PROBLEMS_MAX) this.findings.problem(`${this.where}: ${what}, at byte ${position}`)
    this.#problems += 1
  }

  /** Python stops here. */
  fail(what: string, position: number): void {
    this.broken = true
    this.problem(what, position)
  }
}
