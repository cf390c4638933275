/** Chunks of a push, each as (number of a pack that the push relies on, entry there). */
export interface ReliedPack {
  name: string
  size: number
  chunks: number
}

/**
 * Distinct contents of a push. A content gets a slot when it is first met; where its chunks are is known later, when its group has
 * been packed. Streams name slots, so a content that occurs often is stored and resolved once.
 */
export class Slots {
  readonly packs: ReliedPack[] = []
  readonly #pack: number[] = []
  readonly #entry: number[] = []
  readonly #several = new Map<number, number[]>()
  #count = 0

  open(): number {
    this.#pack.push(-1)
    this.#entry.push(-1)
    return this.#count++
  }

  /** Appends one chunk to a slot. */
  resolve(slot: number, pack: number, entry: number): void {
    if (this.#pack[slot] === -1) {
      this.#pack[slot] = pack
      this.#entry[slot] = entry
      return
    }
    let several = this.#several.get(slot)
    if (several === undefined) this.#several.set(slot, (several = []))
    several.push(pack, entry)
  }

  addPack(pack: ReliedPack): number {
    return this.packs.push(pack) - 1
  }

  /** The recipe's packs and runs of a stream of slots. */
  recipe(stream: readonly number[]): { packs: ReliedPack[]; runs: Uint32Array } {
    const numbers = new Map<number, number>()
    const packs: ReliedPack[] = []
    const runs: number[] = []
    const append = (pack: number, entry: number): void => {
      let number = numbers.get(pack)
      if (number === undefined) {
        number = packs.push(this.packs[pack]!) - 1
        numbers.set(pack, number)
      }
      const last = runs.length - 3
      if (last >= 0 && runs[last] === number && runs[last + 1]! + runs[last + 2]! === entry) runs[last + 2]!++
      else runs.push(number, entry, 1)
    }
    for (const slot of stream) {
      append(this.#pack[slot]!, this.#entry[slot]!)
      const several = this.#several.get(slot)
      for (let i = 0; several !== undefined && i < several.length; i += 2) append(several[i]!, several[i + 1]!)
    }
    return { packs, runs: Uint32Array.from(runs) }
  }
}
