import { type ImportArgument, OP, type OpcodeName, type OpcodeReader } from '../pickle/opcodes.ts'
import { persistent } from './call.ts'
import { constantOf, suspectText, textOf } from './constant.ts'
import type { Interpreter } from './interpreter.ts'
import { arrayAfter, isArrayWrapper, setDtypeState } from './joblib.ts'
import { UNRESOLVED } from './names/judge.ts'
import { DATA, ITEMS_MAX, isKind, makeTuple, type Symbolic, UNKNOWN } from './symbol.ts'

type Step = (run: Interpreter, reader: OpcodeReader, base: number) => void

/** The first pickle of a file in torch's legacy format is this number. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn
const UNRESOLVED_NAME: ImportArgument = { module: UNRESOLVED, name: UNRESOLVED }

const nothing: Step = () => {}

const integer: Step = (run, reader) => run.stack.push(reader.number)

const text: Step = (run, reader, base) => {
  const found = textOf(reader, base)
  // Whoever unpickles it has to encode it first, in the file or not.
  const pickle = typeof found === 'string' ? suspectText(found, base + reader.argumentStart) : undefined
  if (pickle !== undefined) run.nest(pickle)
  run.push(found)
}

const bytes: Step = (run, reader, base) => run.push(constantOf(reader, base))

/** Of any size: only one of them matters. */
const anyInteger: Step = (run, reader, base) => {
  const isShort = reader.end - reader.position < 40
  if (isShort && argument<unknown>(run, reader, base, 0) === LEGACY_MAGIC) run.legacy = true
  run.stack.push(DATA)
}

const extension: Step = (run, reader, base) => {
  const position = base + reader.position
  run.problem(`imports what is registered under extension code ${reader.number}`, position)
  run.stack.push(run.import(UNRESOLVED, UNRESOLVED, position, 'unknown'))
}

const fromMark: Step = (run) => {
  run.stack.popMark()
  run.stack.push(DATA)
}

const addMarked: Step = (run, reader, base) => {
  run.stack.popMark()
  run.change(base + reader.position)
}

const callTwo: Step = (run, reader, base) => {
  const args = run.stack.pop()
  run.call(run.stack.pop(), args, base + reader.position)
}

const ACTIONS: Partial<Record<OpcodeName, Step>> = {
  PROTO: (run, reader) => {
    run.protocol = reader.number
  },
  FRAME: (run, reader, base) => {
    run.frameEnd = base + reader.end + reader.number
  },
  READONLY_BUFFER: nothing,
  MARK: (run) => run.stack.mark(),
  POP: (run) => run.stack.discard(),
  POP_MARK: (run) => void run.stack.popMark(),
  DUP: (run) => run.stack.push(run.stack.top),

  BININT: integer,
  BININT1: integer,
  BININT2: integer,
  INT: anyInteger,
  LONG: anyInteger,
  LONG1: anyInteger,
  SHORT_BINUNICODE: text,
  BINUNICODE: text,
  BINUNICODE8: text,
  SHORT_BINSTRING: text,
  BINSTRING: text,
  UNICODE: text,
  STRING: text,
  SHORT_BINBYTES: bytes,
  BINBYTES: bytes,
  BINBYTES8: bytes,
  BYTEARRAY8: bytes,

  GET: (run, reader, base) => get(run, argument(run, reader, base, -1), base + reader.position),
  BINGET: (run, reader, base) => get(run, reader.number, base + reader.position),
  LONG_BINGET: (run, reader, base) => get(run, reader.number, base + reader.position),
  PUT: (run, reader, base) => put(run, argument(run, reader, base, 0), base + reader.position),
  BINPUT: (run, reader, base) => put(run, reader.number, base + reader.position),
  LONG_BINPUT: (run, reader, base) => put(run, reader.number, base + reader.position),
  MEMOIZE: (run, reader, base) => put(run, run.memo.size, base + reader.position),

  EMPTY_TUPLE: (run) => run.stack.push(makeTuple([])),
  TUPLE: (run) => run.stack.push(makeTuple(run.stack.popMark())),
  TUPLE1: (run) => run.stack.push(makeTuple([run.stack.pop()])),
  TUPLE2: ({ stack }) => {
    const last = stack.pop()
    stack.push(makeTuple([stack.pop(), last]))
  },
  TUPLE3: ({ stack }) => {
    const [third, second] = [stack.pop(), stack.pop()]
    stack.push(makeTuple([stack.pop(), second, third]))
  },
  LIST: fromMark,
  DICT: fromMark,
  FROZENSET: fromMark,
  EMPTY_DICT: (run) => {
    run.stack.push(run.tracking ? { kind: 'fields', entries: new Map() } : DATA)
    run.tracking = false
  },
  APPEND: (run, reader, base) => {
    run.stack.pop()
    run.change(base + reader.position)
  },
  APPENDS: addMarked,
  ADDITEMS: addMarked,
  SETITEM: (run, reader, base) => {
    const value = run.stack.pop()
    setItems(run, [run.stack.pop(), value], base + reader.position)
  },
  SETITEMS: (run, reader, base) => setItems(run, run.stack.popMark(), base + reader.position),
  BUILD: (run, reader, base) => build(run, run.stack.pop(), base + reader.position),

  GLOBAL: (run, reader, base) => {
    const { module, name } = argument(run, reader, base, UNRESOLVED_NAME)
    run.stack.push(run.import(module, name, base + reader.position))
  },
  STACK_GLOBAL: (run, reader, base) => {
    const [name, module] = [run.stack.pop(), run.stack.pop()]
    run.stack.push(run.import(nameOf(module), nameOf(name), base + reader.position))
  },
  EXT1: extension,
  EXT2: extension,
  EXT4: extension,
  REDUCE: callTwo,
  NEWOBJ: callTwo,
  NEWOBJ_EX: (run, reader, base) => {
    run.stack.pop()
    callTwo(run, reader, base)
  },
  OBJ: (run, reader, base) => {
    const [type, ...args] = run.stack.popMark()
    run.call(type ?? UNKNOWN, makeTuple(args), base + reader.position)
  },
  INST: (run, reader, base) => {
    const { module, name } = argument(run, reader, base, UNRESOLVED_NAME)
    const type = run.import(module, name, base + reader.position)
    run.call(type, makeTuple(run.stack.popMark()), base + reader.position)
  },
  BINPERSID: ({ stack }) => stack.push(persistent(stack.pop())),
}

/** Code → what it does; undefined for those that push some value. */
export const STEPS: readonly (Step | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const name = (Object.keys(ACTIONS) as OpcodeName[]).find((key) => OP[key] === code)
  return name === undefined ? undefined : ACTIONS[name]
})

function nameOf(symbol: Symbolic): string {
  return typeof symbol === 'string' ? symbol : UNRESOLVED
}

/** An argument that Python could not read either leaves the value unknown. */
function argument<T>(run: Interpreter, reader: OpcodeReader, base: number, otherwise: T): T {
  try {
    return reader.argument as T
  } catch {
    run.fail(`${reader.name} has a malformed argument`, base + reader.position)
    return otherwise
  }
}

function get(run: Interpreter, index: number, position: number): void {
  const symbol = run.memo.get(index)
  if (symbol === undefined) run.fail('takes what the memo does not hold', position)
  run.stack.push(symbol ?? UNKNOWN)
}

function put(run: Interpreter, index: number, position: number): void {
  const isKept = run.memo.put(index, run.stack.top)
  if (!isKept) run.problem('the memo has more scattered entries than art keeps', position)
}

function setItems(run: Interpreter, items: readonly Symbolic[], position: number): void {
  const target = run.stack.top
  if (!isKind(target, 'fields')) return run.change(position)
  // More than are kept: any of them may be another one's successor.
  if (items.length > ITEMS_MAX) return target.entries.clear()
  for (let i = 0; i + 1 < items.length; i += 2) {
    const key = items[i]
    if (typeof key === 'string') target.entries.set(key, items[i + 1]!)
    else target.entries.clear()
  }
}

function build(run: Interpreter, state: Symbolic, position: number): void {
  const target = run.stack.top
  if (isKind(target, 'dtype')) return setDtypeState(target, state)
  if (!isKind(target, 'made') || !isArrayWrapper(target.by)) return run.change(position)
  run.array = arrayAfter(isKind(state, 'fields') ? state.entries : new Map())
  // Joblib puts the array in the wrapper's place.
  run.stack.pop()
  run.stack.push(DATA)
}
