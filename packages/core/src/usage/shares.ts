/** Bytes of a store that one of several groups uses. */
export interface Share {
  /** Of no use to any other group: what would be freed if this one went. */
  unique: number
  /** Of use to others too. */
  shared: number
}

/** Things of a store that lie together, by number: the entries of a pack, or one object. */
export interface Block {
  /** Of a thing, in bytes. */
  readonly size: (unit: number) => number
  /** Of each thing: the number of the only group that uses it plus 1; 0 for none, -1 for several. */
  readonly owner: Int32Array
  /** The number of the group that used it last, plus 1. */
  readonly last: Int32Array
}

export function makeBlock(count: number, size: (unit: number) => number): Block {
  return { size, owner: new Int32Array(count), last: new Int32Array(count) }
}

/**
 * Adds up what groups use of a store: eight bytes of memory for each thing there. `use` is called for all of one group before the next one; what a
 * group uses twice counts once.
 */
export class ShareCounter {
  readonly #unique: Float64Array
  readonly #all: Float64Array
  #stored = 0

  constructor(groups: number) {
    this.#unique = new Float64Array(groups)
    this.#all = new Float64Array(groups)
  }

  /** What the groups so far use together, each thing once. */
  get stored(): number {
    return this.#stored
  }

  use(group: number, { size, owner, last }: Block, unit: number): void {
    const mark = group + 1
    if (last[unit] === mark) return
    last[unit] = mark
    const bytes = size(unit)
    this.#all[group]! += bytes
    const before = owner[unit]!
    if (before === 0) {
      owner[unit] = mark
      this.#unique[group]! += bytes
      this.#stored += bytes
    } else if (before > 0) {
      owner[unit] = -1
      this.#unique[before - 1]! -= bytes
    }
  }

  shareOf(group: number): Share {
    const unique = this.#unique[group]!
    return { unique, shared: this.#all[group]! - unique }
  }
}
