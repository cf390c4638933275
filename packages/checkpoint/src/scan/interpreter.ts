import { OP, OPCODE_NAMES, type ImportArgument, type OpcodeReader } from '../pickle/opcodes.ts'
import { callImport, type Nested, persistent } from './call.ts'
import { constantOf, textOf } from './constant.ts'
import type { Findings, ImportRecord } from './findings.ts'
import { type ArrayBytes, arrayAfter, isArrayWrapper } from './joblib.ts'
import { SCAN_LIMITS } from './limits.ts'
import { UNRESOLVED } from './names/judge.ts'
import type { Verdict } from './report.ts'
import { SymbolMemo, SymbolStack } from './stack.ts'
import { DATA, isConstant, isKind, itemsOf, makeTuple, type Symbolic, UNKNOWN } from './symbol.ts'

/** The first pickle of a file in torch's legacy format is this number. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn

/**
 * Follows what a pickle does to stack, marks and memo as far as imports and calls depend on it; nothing is imported or called. Where Python
 * would stop because of a value, it goes on: what is only reached in another version of Python is reported too.
 */
export class Interpreter {
  readonly where: string
  readonly findings: Findings
  readonly nested: Nested[] = []
  readonly children: Interpreter[] = []
  /** Raw bytes of an array follow, which are no opcodes: whoever feeds the reader skips them and resets this. */
  array: ArrayBytes | undefined
  protocol = 0
  imports = 0
  /** Torch's magic number was pushed. */
  legacy = false
  /** It does what Python stops at. */
  broken = false
  /** Imports that do no more than unpickle what they are given, all of which is among `nested`. */
  readonly judgedByArgument = new Set<ImportRecord>()
  /** Such imports that were given something else. */
  readonly unknownArguments = new Set<ImportRecord>()
  readonly #used = new Uint8Array(256)
  readonly #stack = new SymbolStack()
  readonly #memo = new SymbolMemo()
  readonly #depth: number
  #base = 0
  #tracking = false

  constructor(where: string, findings: Findings, depth = 0) {
    this.where = where
    this.findings = findings
    this.#depth = depth
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
    this.#base = base
    this.#used[reader.code] = 1
    this.#step(reader, base)
    if (this.#stack.broken && !this.broken) {
      this.broken = true
      this.#problem('takes what is not on the stack', base + reader.position)
    }
  }

  /** Pushes a constant that is too long to be in the reader's bytes. */
  pushLong(code: number, offset: number, length: number, head: Uint8Array): void {
    this.#used[code] = 1
    this.#push(constantOf(code, offset, length, head))
  }

  #step(reader: OpcodeReader, base: number): void {
    const stack = this.#stack
    switch (reader.code) {
      case OP.PROTO:
        this.protocol = reader.number
        return
      case OP.FRAME:
      case OP.READONLY_BUFFER:
        return
      case OP.MARK:
        return stack.mark()
      case OP.POP:
        return stack.discard()
      case OP.POP_MARK:
        return void stack.popMark()
      case OP.DUP:
        return stack.push(stack.top)
      case OP.BININT:
      case OP.BININT1:
      case OP.BININT2:
        return stack.push(reader.number)
      case OP.SHORT_BINUNICODE:
      case OP.BINUNICODE:
      case OP.BINUNICODE8:
      case OP.SHORT_BINSTRING:
      case OP.BINSTRING:
      case OP.UNICODE:
      case OP.STRING:
        return this.#push(textOf(reader, base))
      case OP.SHORT_BINBYTES:
      case OP.BINBYTES:
      case OP.BINBYTES8:
      case OP.BYTEARRAY8:
        return this.pushLong(reader.code, base + reader.argumentStart, reader.end - reader.argumentStart, reader.raw)
      case OP.BINGET:
      case OP.LONG_BINGET:
        return this.#get(reader.number, base + reader.position)
      case OP.BINPUT:
      case OP.LONG_BINPUT:
        return this.#put(reader.number, base + reader.position)
      case OP.MEMOIZE:
        return this.#put(this.#memo.size, base + reader.position)
      case OP.TUPLE1:
        return stack.push(makeTuple([stack.pop()]))
      case OP.TUPLE2: {
        const last = stack.pop()
        return stack.push(makeTuple([stack.pop(), last]))
      }
      case OP.TUPLE3: {
        const [third, second] = [stack.pop(), stack.pop()]
        return stack.push(makeTuple([stack.pop(), second, third]))
      }
      case OP.TUPLE:
        return stack.push(makeTuple(stack.popMark()))
      case OP.EMPTY_TUPLE:
        return stack.push(makeTuple([]))
      default:
        return this.#stepRarely(reader, base + reader.position)
    }
  }

  #stepRarely(reader: OpcodeReader, position: number): void {
    const stack = this.#stack
    switch (reader.code) {
      case OP.GET:
        return this.#get(this.#argument<number>(reader, -1), position)
      case OP.PUT:
        return this.#put(this.#argument<number>(reader, -1), position)
      case OP.EMPTY_DICT:
        return stack.push(this.#tracking ? { kind: 'fields', entries: new Map() } : DATA)
      case OP.LIST:
      case OP.DICT:
      case OP.FROZENSET:
        stack.popMark()
        return stack.push(DATA)
      case OP.APPEND:
        stack.pop()
        return this.#change(position)
      case OP.APPENDS:
      case OP.ADDITEMS:
        stack.popMark()
        return this.#change(position)
      case OP.SETITEM: {
        const value = stack.pop()
        return this.#setItems([stack.pop(), value], position)
      }
      case OP.SETITEMS:
        return this.#setItems(stack.popMark(), position)
      case OP.BUILD:
        return this.#build(stack.pop(), position)
      case OP.GLOBAL: {
        const { module, name } = this.#argument<ImportArgument>(reader, { module: UNRESOLVED, name: UNRESOLVED })
        return stack.push({ kind: 'import', record: this.import(module, name, position) })
      }
      case OP.STACK_GLOBAL: {
        const [name, module] = [stack.pop(), stack.pop()]
        return stack.push({ kind: 'import', record: this.#importSymbols(module, name, position) })
      }
      case OP.EXT1:
      case OP.EXT2:
      case OP.EXT4:
        this.#problem(`imports what is registered under extension code ${reader.number}`, position)
        return stack.push({ kind: 'import', record: this.import(UNRESOLVED, UNRESOLVED, position, 'unknown') })
      case OP.REDUCE:
      case OP.NEWOBJ: {
        const args = stack.pop()
        return this.#call(stack.pop(), args, position)
      }
      case OP.NEWOBJ_EX: {
        const [, args] = [stack.pop(), stack.pop()]
        return this.#call(stack.pop(), args, position)
      }
      case OP.OBJ: {
        const [type, ...args] = stack.popMark()
        return this.#call(type ?? UNKNOWN, makeTuple(args), position)
      }
      case OP.INST: {
        const { module, name } = this.#argument<ImportArgument>(reader, { module: UNRESOLVED, name: UNRESOLVED })
        const record = this.import(module, name, position)
        return this.#call({ kind: 'import', record }, makeTuple(stack.popMark()), position)
      }
      case OP.BINPERSID:
        return stack.push(persistent(stack.pop()))
      case OP.INT:
      case OP.LONG:
      case OP.LONG1: {
        const isMagic = reader.end - reader.position < 40 && this.#argument<unknown>(reader, 0) === LEGACY_MAGIC
        if (isMagic) this.legacy = true
        return stack.push(DATA)
      }
      default:
        // Constants, empty containers, persistent ids, buffers: each pushes one value that nothing can be made of.
        return stack.push(DATA)
    }
  }

  import(module: string, name: string, position: number, known?: Verdict): ImportRecord {
    this.imports += 1
    if (module === UNRESOLVED || name === UNRESOLVED) {
      if (known === undefined) this.#problem('imports a name that cannot be known without running it', position)
    }
    return this.findings.import(module, name, this.where, position, known)
  }

  #importSymbols(module: Symbolic, name: Symbolic, position: number): ImportRecord {
    const known = (symbol: Symbolic): string => (typeof symbol === 'string' ? symbol : UNRESOLVED)
    return this.import(known(module), known(name), position)
  }

  #call(callee: Symbolic, args: Symbolic, position: number): void {
    if (isKind(callee, 'import')) {
      const made = callImport(this, callee.record, itemsOf(args), position)
      if (isArrayWrapper(callee.record)) this.#tracking = true
      return this.#push(made)
    }
    if (isKind(callee, 'made')) {
      this.#problem(`calls what ${callee.by.module}.${callee.by.name} returned`, position)
    } else this.#problem('calls a value that is no import', position)
    this.#push(UNKNOWN)
  }

  #setItems(items: readonly Symbolic[], position: number): void {
    const target = this.#stack.top
    if (!isKind(target, 'fields')) return this.#change(position)
    for (let i = 0; i + 1 < items.length; i += 2) {
      const key = items[i]
      if (typeof key === 'string') target.entries.set(key, items[i + 1]!)
    }
  }

  #build(state: Symbolic, position: number): void {
    const target = this.#stack.top
    if (isKind(target, 'made') && isArrayWrapper(target.by)) {
      this.#tracking = false
      this.array = arrayAfter(isKind(state, 'fields') ? state.entries : new Map())
    } else this.#change(position)
  }

  /** Adding to an instance, or setting its state, is what pickles do; on a class or module it changes the program. */
  #change(position: number): void {
    const target = this.#stack.top
    if (isKind(target, 'import'))
      this.#problem(`changes ${target.record.module}.${target.record.name} itself`, position)
  }

  #get(index: number, position: number): void {
    const symbol = this.#memo.get(index)
    if (symbol === undefined) {
      this.broken = true
      this.#problem('takes what the memo does not hold', position)
    }
    this.#stack.push(symbol ?? UNKNOWN)
  }

  #put(index: number, position: number): void {
    if (!this.#memo.put(index, this.#stack.top))
      this.#problem('the memo has more scattered entries than art keeps', position)
  }

  #push(symbol: Symbolic): void {
    if (isConstant(symbol) && symbol.kind === 'bytes' && symbol.suspect)
      this.nested.push({ constant: symbol, by: undefined })
    this.#stack.push(symbol)
  }

  /** An argument that Python could not read either leaves the value unknown. */
  #argument<T>(reader: OpcodeReader, otherwise: T): T {
    try {
      return reader.argument as T
    } catch {
      this.#problem(`${reader.name} has a malformed argument`, this.#base + reader.position)
      return otherwise
    }
  }

  #problem(what: string, position: number): void {
    this.findings.problem(`${this.where}: ${what}, at byte ${position}`)
  }
}
