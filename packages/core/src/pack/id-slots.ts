import { randomFillSync } from 'node:crypto'
import { OID_BYTES } from '../oid.ts'

export const WORDS = OID_BYTES / 4

// Nobody can make a table of so few entries slow, and loading node:crypto costs a short command 3 ms.
const FEW = 4096

/** Eight words, so that nobody who chooses ids can make many of them meet. */
export function seedsFor(count: number): Uint32Array {
  if (count >= FEW) return randomFillSync(new Uint32Array(WORDS))
  return Uint32Array.from({ length: WORDS }, () => Math.random() * 0x100000000)
}

/**
 * Open addressing over ids of eight words each: `slots`, a power of two of them, hold an entry's number plus 1, or 0. Gives the slot that
 * holds the id at `words[at]`, or the empty one where it belongs.
 */
export function slotOf(
  slots: Uint32Array,
  ids: Uint32Array,
  seeds: Uint32Array,
  words: Uint32Array,
  at: number,
): number {
  const last = slots.length - 1
  let hash = 0
  for (let i = 0; i < WORDS; i++) hash = Math.imul(hash ^ words[at + i]!, seeds[i]! | 1) ^ (hash >>> 15)
  for (let slot = (hash ^ (hash >>> 16)) & last; ; slot = (slot + 1) & last) {
    const entry = slots[slot]!
    if (entry === 0 || same(ids, (entry - 1) * WORDS, words, at)) return slot
  }
}

function same(a: Uint32Array, i: number, b: Uint32Array, j: number): boolean {
  for (let k = 0; k < WORDS; k++) if (a[i + k] !== b[j + k]) return false
  return true
}
