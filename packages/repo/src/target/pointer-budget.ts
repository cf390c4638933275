/** Bytes that pointers may have together, and more for each: they are read whole, and git may hold a large one in a few bytes. */
const TOGETHER = 32 << 20
const EACH = 16 << 10

/** Says of one pointer after the other whether it may still be read. */
export class PointerBudget {
  #left = TOGETHER

  fits(bytes: number): boolean {
    if (this.#left + EACH < bytes) return false
    this.#left += EACH - bytes
    return true
  }
}
