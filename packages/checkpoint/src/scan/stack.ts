import { limitReached } from './limits.ts'
import { ITEMS_MAX, isKind, type Symbolic, UNKNOWN } from './symbol.ts'

const VALUES_MAX = 4_000_000
const MARKS_MAX = 1_000_000
/** Up to so many entries all is kept that can matter, beyond only what matters most. */
const CAREFREE = 250_000

const FORKED_MAX = 1_000

/** The stack of Python's C unpickler, with its marks: what lies below the last mark cannot be taken. */
export class SymbolStack {
  /** Something was taken that is not there: Python stops at that. */
  broken = false
  readonly #items: Symbolic[] = []
  readonly #marks: number[] = []

  /** Fails with `UNSUPPORTED` beyond what a pickle can need. */
  push(symbol: Symbolic): void {
    const { length } = this.#items
    if (length === VALUES_MAX) throw limitReached('more values on a stack than art follows')
    this.#items.push(length > CAREFREE ? reduced(symbol) : symbol)
  }

  pop(): Symbolic {
    const { length } = this.#items
    if (length > (this.#marks.at(-1) ?? 0)) return this.#items.pop()!
    this.broken = true
    return UNKNOWN
  }

  /** Another one, of the topmost values. */
  fork(): SymbolStack {
    const copy = new SymbolStack()
    for (const symbol of this.#items.slice(-FORKED_MAX)) copy.push(symbol)
    return copy
  }

  get top(): Symbolic {
    const { length } = this.#items
    if (length > (this.#marks.at(-1) ?? 0)) return this.#items[length - 1]!
    this.broken = true
    return UNKNOWN
  }

  mark(): void {
    if (this.#marks.length === MARKS_MAX) throw limitReached('more marks on a stack than art follows')
    this.#marks.push(this.#items.length)
  }

  /** POP takes a mark where one is on top. */
  discard(): void {
    if (this.#marks.at(-1) === this.#items.length) this.#marks.pop()
    else this.pop()
  }

  /** What lies above the last mark: the first items of it, where there are many. */
  popMark(): Symbolic[] {
    const mark = this.#marks.pop()
    if (mark === undefined) this.broken = true
    const from = mark ?? this.#items.length
    const items = this.#items.slice(from, from + ITEMS_MAX + 1)
    this.#items.length = from
    return items
  }
}

/** An index may be this far beyond the last one without costing a table entry. */
const HOLE_MAX = 1_024
const SPARSE_MAX = 100_000

export class SymbolMemo {
  size: number
  readonly #dense: (Symbolic | undefined)[] = []
  readonly #sparse = new Map<number, Symbolic>()
  readonly #origin: SymbolMemo | undefined

  /** With what another one holds, which is not changed. */
  constructor(origin?: SymbolMemo) {
    this.#origin = origin
    this.size = origin?.size ?? 0
  }

  /** False where it was not kept. */
  put(index: number, symbol: Symbolic): boolean {
    const kept = this.size > CAREFREE ? reduced(symbol) : symbol
    const dense = this.#dense
    if (index > dense.length + HOLE_MAX) {
      if (!this.#sparse.has(index)) {
        if (this.#sparse.size === SPARSE_MAX) return false
        this.size += 1
      }
      this.#sparse.set(index, kept)
      return true
    }
    while (dense.length < index) dense.push(undefined)
    if (dense[index] === undefined && !this.#sparse.delete(index)) this.size += 1
    dense[index] = kept
    return true
  }

  get(index: number): Symbolic | undefined {
    return this.#dense[index] ?? this.#sparse.get(index) ?? this.#origin?.get(index)
  }
}

/** Of imports and what they make there is one for each name. Texts, constants and tuples of a dataset with millions of them become unknown, and so does what is made of them. */
function reduced(symbol: Symbolic): Symbolic {
  if (typeof symbol === 'string') return UNKNOWN
  return typeof symbol === 'number' || isKind(symbol, 'import') || isKind(symbol, 'made') ? symbol : UNKNOWN
}
