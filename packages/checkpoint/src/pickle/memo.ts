import { ArtError } from '@art/core'
import type { Value } from '../model-file.ts'
import { type Budget, COST, spend } from './budget.ts'
import { corruptPickle } from './corrupt.ts'
import { OP, OpcodeReader } from './opcodes.ts'

/** For each value that a pickle may make. */
export const OPCODES = 4

/**
 * The memo of a pickle machine. It keeps only what is fetched again, so that all else can be freed: Python memorizes each tuple and string.
 * Indices are any up to 2^53, and take memory only where they are used.
 */
export class Memo {
  readonly #budget: Budget
  readonly #fetched: ReadonlySet<number>
  /** Indices from 0 on without a gap, as every pickler gives them; undefined where nobody fetches. */
  readonly #dense: (Value | undefined)[] = []
  readonly #sparse = new Map<number, Value | undefined>()

  constructor(fetched: ReadonlySet<number>, budget: Budget) {
    this.#fetched = fetched
    this.#budget = budget
  }

  /** How many indices have something: the one that MEMOIZE takes next. */
  get size(): number {
    return this.#dense.length + this.#sparse.size
  }

  /** Returns whether the value is fetched later. */
  put(index: number, value: Value): boolean {
    const isFetched = this.#fetched.has(index)
    const kept = isFetched ? value : undefined
    if (index < this.#dense.length) {
      this.#dense[index] = kept
    } else if (index === this.#dense.length) {
      spend(this.#budget, 0, COST.slot)
      this.#dense.push(kept)
      if (this.#sparse.size > 0) this.#sparse.delete(index)
    } else {
      spend(this.#budget, 0, COST.sparse)
      this.#sparse.set(index, kept)
    }
    return isFetched
  }

  /** Fails with `CORRUPT` where there is nothing. */
  get(index: number): Value {
    const value = index < this.#dense.length ? this.#dense[index] : this.#sparse.get(index)
    if (value === undefined) throw corruptPickle(`nothing was memorized as ${index}`)
    return value
  }
}

/** The indices that a pickle fetches, as far as its opcodes are whole: who runs it finds out what is wrong with them. */
export function fetchedIndices(bytes: Uint8Array, start: number, budget: Budget): Set<number> {
  const fetched = new Set<number>()
  const reader = new OpcodeReader(bytes, start)
  for (let opcodes = 0; ; opcodes++) {
    const index = nextFetched(reader)
    if (index === undefined) return fetched
    if (opcodes > budget.limits.values * OPCODES) throw corruptPickle('it has more opcodes than a model file can need')
    if (index === NONE || fetched.has(index)) continue
    spend(budget, 0, COST.sparse)
    fetched.add(index)
  }
}

const NONE = -1

/** Undefined at the end; `NONE` where the next opcode fetches nothing. */
function nextFetched(reader: OpcodeReader): number | undefined {
  try {
    const code = reader.next()
    if (code === OP.STOP) return
    if (code === OP.GET) return reader.argument as number
    return code === OP.BINGET || code === OP.LONG_BINGET ? reader.number : NONE
  } catch (error) {
    if (error instanceof ArtError) return
    throw error
  }
}
