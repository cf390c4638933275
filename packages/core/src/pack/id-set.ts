import { OID_BYTES } from '../oid.ts'
import { seedsFor, slotOf, WORDS } from './id-slots.ts'

const FIRST = 1024

/** A set of ids that grows. A hundred thousand strings in a `Set` would cost a thread a tenth of its time. */
export class IdSet {
  #count = 0
  #ids = new Uint32Array(FIRST * WORDS)
  #slots = new Uint32Array(FIRST * 2)
  #seeds = seedsFor(FIRST)
  readonly #sought = new Uint32Array(WORDS)
  readonly #soughtBytes = new Uint8Array(this.#sought.buffer)

  has(id: Uint8Array): boolean {
    return this.#slots[this.#find(id)] !== 0
  }

  add(id: Uint8Array): void {
    const slot = this.#find(id)
    if (this.#slots[slot] !== 0) return
    this.#ids.set(this.#sought, this.#count * WORDS)
    this.#slots[slot] = ++this.#count
    if (this.#count * WORDS === this.#ids.length) this.#grow()
  }

  #find(id: Uint8Array): number {
    for (let i = 0; i < OID_BYTES; i++) this.#soughtBytes[i] = id[i]!
    return slotOf(this.#slots, this.#ids, this.#seeds, this.#sought, 0)
  }

  #grow(): void {
    const ids = new Uint32Array(this.#ids.length * 4)
    ids.set(this.#ids)
    this.#ids = ids
    this.#slots = new Uint32Array(this.#slots.length * 4)
    this.#seeds = seedsFor(ids.length / WORDS)
    for (let entry = 0; entry < this.#count; entry++) {
      this.#slots[slotOf(this.#slots, ids, this.#seeds, ids, entry * WORDS)] = entry + 1
    }
  }
}
