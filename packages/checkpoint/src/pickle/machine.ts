import { isUtf8 } from 'node:buffer'
import type { GlobalValue, Value } from '../model-file.ts'
import { type Budget, COST, newBudget, spend, textCost } from './budget.ts'
import { corruptPickle } from './corrupt.ts'
import { addItems, setKeys, setState } from './fill.ts'
import { fetchedIndices, Memo } from './memo.ts'
import { type ImportArgument, OP, OpcodeReader } from './opcodes.ts'
import { EXTENSION, persistent } from './placeholder.ts'
import { pairs, PickleStack } from './stack.ts'
import { dict, isDict, isGlobal, isTensor, isTuple, list, object, tuple } from './value.ts'
import { costOf, Waste } from './waste.ts'

export interface Unpickled {
  /** Symbolic: a call that `Eager` did not understand is an `ObjectValue`. `settle` makes plain data of those it knows. */
  readonly value: Value
  /** Where the byte after STOP stands. */
  readonly end: number
  /** `module.name` of every global that it names. */
  readonly imports: ReadonlySet<string>
}

/** What is understood while the pickle runs, and takes no more memory than what it becomes. Undefined: it is not understood. */
export interface Eager {
  /** What stands for a persistent id. */
  persistent(id: Value): Value | undefined
  /** What a call returns. Its arguments need not be plain data yet. */
  call(type: GlobalValue, args: readonly Value[]): Value | undefined
}

const NOTHING: Eager = { persistent: () => undefined, call: () => undefined }

/**
 * What a pickle makes, as a description: nothing is imported or called. Does what Python's C unpickler does with stack, marks and memo, and
 * fails with `CORRUPT` where that would find nothing to work on, or beyond the budget.
 */
export function runPickle(
  bytes: Uint8Array,
  start = 0,
  budget: Budget = newBudget(),
  eager: Eager = NOTHING,
): Unpickled {
  const memo = new Memo(fetchedIndices(bytes, start, budget), budget)
  const reader = new OpcodeReader(bytes, start)
  const machine = new Machine(reader, memo, budget, eager)
  try {
    while (reader.next() !== OP.STOP) machine.step()
    return { value: machine.stack.pop(), end: reader.end, imports: machine.imports }
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (!message.startsWith('damaged pickle') || message.includes('at byte')) throw error
    throw corruptPickle(message.replace('damaged pickle: ', ''), reader.position)
  }
}

class Machine {
  readonly stack: PickleStack
  readonly imports = new Set<string>()
  readonly #reader: OpcodeReader
  readonly #memo: Memo
  readonly #budget: Budget
  readonly #eager: Eager
  readonly #waste: Waste

  constructor(reader: OpcodeReader, memo: Memo, budget: Budget, eager: Eager) {
    this.#reader = reader
    this.#memo = memo
    this.#budget = budget
    this.#eager = eager
    this.#waste = new Waste(budget)
    this.stack = new PickleStack(budget)
  }

  step(): void {
    const { stack } = this
    this.#waste.step++
    const reader = this.#reader
    switch (reader.code) {
      case OP.PROTO:
      case OP.FRAME:
      case OP.READONLY_BUFFER:
        return
      case OP.MARK:
        return stack.mark(this.#waste.step)
      case OP.POP:
        return stack.discard()
      case OP.POP_MARK:
        return void stack.popMark()
      case OP.DUP:
        return stack.push(this.#waste.shared(stack.top))
      case OP.NONE:
        return stack.push(null)
      case OP.NEWTRUE:
        return stack.push(true)
      case OP.NEWFALSE:
        return stack.push(false)
      case OP.BININT:
      case OP.BININT1:
      case OP.BININT2:
        return stack.push(reader.number)
      case OP.BINFLOAT:
        spend(this.#budget, 0, COST.number)
        return stack.push(reader.number)
      case OP.INT:
      case OP.LONG:
      case OP.FLOAT:
      case OP.LONG1:
      case OP.LONG4:
      case OP.UNICODE:
      case OP.SHORT_BINUNICODE:
      case OP.BINUNICODE:
      case OP.BINUNICODE8:
        return this.#pushLiteral()
      case OP.STRING:
      case OP.BINSTRING:
      case OP.SHORT_BINSTRING:
        return this.#pushString(reader.argument as Uint8Array)
      case OP.BINBYTES:
      case OP.SHORT_BINBYTES:
      case OP.BINBYTES8:
      case OP.BYTEARRAY8:
        return stack.push(reader.argument as Uint8Array)
      case OP.GET:
        return stack.push(this.#waste.shared(this.#memo.get(reader.argument as number)))
      case OP.BINGET:
      case OP.LONG_BINGET:
        return stack.push(this.#waste.shared(this.#memo.get(reader.number)))
      case OP.PUT:
        return this.#put(reader.argument as number)
      case OP.BINPUT:
      case OP.LONG_BINPUT:
        return this.#put(reader.number)
      case OP.MEMOIZE:
        return this.#put(this.#memo.size)
      default:
        return this.#compose(reader.code)
    }
  }

  #compose(code: number): void {
    const { stack } = this
    switch (code) {
      case OP.EMPTY_TUPLE:
        return this.#push(tuple([]))
      case OP.EMPTY_LIST:
        return this.#push(list([]))
      case OP.EMPTY_DICT:
        return this.#push(dict([]))
      case OP.EMPTY_SET:
        return this.#push({ kind: 'set', items: [] })
      case OP.TUPLE: {
        const made = tuple(stack.popMark())
        this.#waste.made(made, stack.markedAt)
        return this.#push(made)
      }
      case OP.TUPLE1:
      case OP.TUPLE2:
      case OP.TUPLE3: {
        const items: Value[] = []
        for (let i = code - OP.TUPLE1; i >= 0; i--) items.unshift(stack.pop())
        return this.#push(tuple(items))
      }
      case OP.LIST:
        return this.#push(list(stack.popMark()))
      case OP.DICT:
        return this.#push(dict(pairs(stack.popMark(), this.#budget)))
      case OP.FROZENSET:
        return this.#push({ kind: 'frozenset', items: stack.popMark() })
      case OP.APPEND: {
        const item = stack.pop()
        return addItems(stack.top, [item], this.#budget)
      }
      case OP.APPENDS:
      case OP.ADDITEMS: {
        const items = stack.popMark()
        return addItems(stack.top, items, this.#budget)
      }
      case OP.SETITEM: {
        const value = stack.pop()
        const key = stack.pop()
        return setKeys(stack.top, [[key, value]], this.#budget)
      }
      case OP.SETITEMS: {
        const entries = pairs(stack.popMark(), this.#budget)
        return setKeys(stack.top, entries, this.#budget)
      }
      case OP.BUILD: {
        const state = stack.pop()
        return setState(stack.top, state)
      }
      default:
        return this.#call(code)
    }
  }

  #call(code: number): void {
    const { stack } = this
    switch (code) {
      case OP.GLOBAL: {
        const { module, name } = this.#reader.argument as ImportArgument
        return stack.push(this.#global(module, name))
      }
      case OP.STACK_GLOBAL: {
        const [name, module] = [stack.pop(), stack.pop()]
        if (typeof name !== 'string' || typeof module !== 'string') throw corruptPickle('the name to import is no text')
        return stack.push(this.#global(module, name))
      }
      case OP.EXT1:
      case OP.EXT2:
      case OP.EXT4:
        return stack.push(this.#global(EXTENSION, String(this.#reader.number)))
      case OP.REDUCE:
      case OP.NEWOBJ: {
        const args = stack.pop()
        const type = stack.pop()
        const made = isGlobal(type) && isTuple(args) ? this.#eager.call(type, args.items) : undefined
        if (made === undefined) return this.#push(object(type, args))
        this.#waste.consumed(args)
        return this.#pushMade(made)
      }
      case OP.NEWOBJ_EX: {
        const [keywords, args] = [stack.pop(), stack.pop()]
        const made = object(stack.pop(), args)
        if (isDict(keywords)) {
          spend(this.#budget, keywords.entries.length, keywords.entries.length * COST.slot)
          for (const entry of keywords.entries) made.entries.push(entry)
        }
        return this.#push(made)
      }
      case OP.INST: {
        const { module, name } = this.#reader.argument as ImportArgument
        return this.#push(object(this.#global(module, name), tuple(stack.popMark())))
      }
      case OP.OBJ: {
        const [type, ...args] = stack.popMark()
        if (type === undefined) throw corruptPickle('there is no class to make an object of')
        return this.#push(object(type, tuple(args)))
      }
      case OP.PERSID:
        return this.#pushPersistent(this.#reader.argument as string)
      case OP.BINPERSID:
        return this.#pushPersistent(stack.pop())
      default:
        throw corruptPickle(`${this.#reader.name} needs buffers that are not in the file`)
    }
  }

  #push(value: Value): void {
    spend(this.#budget, 0, costOf(value))
    this.stack.push(value)
  }

  /** Of a tensor the numbers about it take the most memory. */
  #pushMade(value: Value): void {
    spend(this.#budget, 0, isTensor(value) ? COST.object + value.tensor.shape.length * COST.slot : costOf(value))
    this.stack.push(value)
  }

  #pushLiteral(): void {
    spend(this.#budget, 0, textCost(this.#reader.end - this.#reader.position))
    this.stack.push(this.#reader.argument as Value)
  }

  /** A Python 2 `str`: torch reads it as UTF-8. What is none must have been bytes. */
  #pushString(bytes: Uint8Array): void {
    spend(this.#budget, 0, textCost(bytes.length))
    this.stack.push(isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : bytes)
  }

  #pushPersistent(id: Value): void {
    const made = this.#eager.persistent(id)
    if (made === undefined) return this.#push(persistent(id))
    this.#waste.consumed(id)
    this.stack.push(made)
  }

  #global(module: string, name: string): Value {
    const text = `${module}.${name}`
    spend(this.#budget, 0, COST.global + (this.imports.has(text) ? 0 : textCost(text.length)))
    this.imports.add(text)
    return { kind: 'global', module, name }
  }

  #put(index: number): void {
    const value = this.stack.top
    if (this.#memo.put(index, value)) this.#waste.shared(value)
  }
}
