import { ITEMS_MAX, isKind, type Symbolic, UNKNOWN } from './symbol.ts'

/** The stack of Python's C unpickler, with its marks: what lies below the last mark cannot be taken. */
export class SymbolStack {
  /** Something was taken that is not there: Python stops at that. */
  broken = false
  readonly #items: Symbolic[] = []
  readonly #marks: number[] = []

  push(symbol: Symbolic): void {
    this.#items.push(symbol)
  }

  pop(): Symbolic {
    const { length } = this.#items
    if (length > (this.#marks.at(-1) ?? 0)) return this.#items.pop()!
    this.broken = true
    return UNKNOWN
  }

  get top(): Symbolic {
    const { length } = this.#items
    if (length > (this.#marks.at(-1) ?? 0)) return this.#items[length - 1]!
    this.broken = true
    return UNKNOWN
  }

  mark(): void {
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

/** Up to so many entries all is kept that can matter, beyond only what matters most. */
const CAREFREE = 250_000
/** An index may be this far beyond the last one without costing a table entry. */
const HOLE_MAX = 1_024
const SPARSE_MAX = 100_000

export class SymbolMemo {
  size = 0
  readonly #dense: (Symbolic | undefined)[] = []
  readonly #sparse = new Map<number, Symbolic>()

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
    return this.#dense[index] ?? this.#sparse.get(index)
  }
}

/** Texts and tuples of a dataset with millions of them become unknown: an import by such a name is reported as one that art cannot know. */
function reduced(symbol: Symbolic): Symbolic {
  return typeof symbol === 'string' || isKind(symbol, 'tuple') ? UNKNOWN : symbol
}
