import { seededRandom } from '@art/remote/decorate/fault.ts'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/** Draws of one seed. */
export class Chance {
  readonly next: () => number

  constructor(seed: number) {
    this.next = seededRandom(seed)
  }

  happens(probability: number): boolean {
    return this.next() < probability
  }

  /** From 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  /** At least one of them, in their order. */
  some<T>(items: readonly T[]): T[] {
    const sure = this.below(items.length)
    return items.filter((_, i) => i === sure || this.happens(0.4))
  }
}

/** While this runs, what art draws to name things by comes from a seed, so that a schedule can be replayed. */
export async function withSeededNames<T>(seed: number, run: () => Promise<T>): Promise<T> {
  const { randomBytes } = crypto
  const chance = new Chance(seed)
  const seeded = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => chance.below(256)))
  crypto.randomBytes = seeded
  syncBuiltinESMExports()
  try {
    return await run()
  } finally {
    crypto.randomBytes = randomBytes
    syncBuiltinESMExports()
  }
}
