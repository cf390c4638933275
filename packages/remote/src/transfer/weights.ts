import type { ObjectStore } from '../object-store.ts'

/** Lets work begin, in order, while all that is under way weighs no more than a bound; what is heavier than that goes alone. */
export class Weights {
  readonly #most: number
  #taken = 0
  readonly #waiting: { weight: number; begin: () => void }[] = []

  constructor(most: number) {
    this.#most = most
  }

  async run<T>(weight: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(weight)) {
      await new Promise<void>((begin) => this.#waiting.push({ weight, begin }))
    } else this.#taken += weight
    try {
      return await work()
    } finally {
      this.#taken -= weight
      this.#admit()
    }
  }

  #fits(weight: number): boolean {
    return this.#taken === 0 || this.#taken + weight <= this.#most
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.weight); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#taken += next.weight
      next.begin()
    }
  }
}

const INCOMING_BYTES = 96 << 20
const byStore = new WeakMap<ObjectStore, Weights>()

/**
 * For tables and recipes of a store while they are read, by the bytes of memory that they take: whoever names large ones must not have
 * many of them come at once.
 */
export function incoming(store: ObjectStore): Weights {
  let weights = byStore.get(store)
  if (weights === undefined) byStore.set(store, (weights = new Weights(INCOMING_BYTES)))
  return weights
}
