/** Bytes of chunks that were read and may be read again, and of those that were fetched before they are asked for. */
const KEPT_BYTES = 32 << 20
const AHEAD_BYTES = 40 << 20

/** Chunks in memory, by `ChunkSequence.key`. The one that was not read for longest goes first; what was fetched ahead stays until it is read. */
export class ChunkShelf {
  readonly #kept = new Map<number, Uint8Array>()
  readonly #ahead = new Map<number, Uint8Array>()
  #keptBytes = 0
  /** Raw bytes of chunks that are on their way ahead of their reader. */
  #promised = 0
  #aheadBytes = 0

  has(key: number): boolean {
    return this.#kept.has(key) || this.#ahead.has(key)
  }

  /** A chunk that is read now. */
  take(key: number): Uint8Array | undefined {
    const early = this.#ahead.get(key)
    if (early !== undefined) {
      this.#ahead.delete(key)
      this.#aheadBytes -= early.length
      this.keep(key, early)
      return early
    }
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    return kept
  }

  /** Copied: it may be a small part of the memory that it came in. */
  keep(key: number, bytes: Uint8Array): void {
    if (this.#kept.has(key)) return
    this.#kept.set(key, Uint8Array.from(bytes))
    this.#keptBytes += bytes.length
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES) break
      this.#kept.delete(oldest)
      this.#keptBytes -= length
    }
  }

  /** Is there room for so many bytes ahead of their reader? One request always has it. */
  hasRoom(bytes: number): boolean {
    const used = this.#promised + this.#aheadBytes
    return used === 0 || used + bytes <= AHEAD_BYTES
  }

  promise(bytes: number): void {
    this.#promised += bytes
  }

  /** What was promised has come, or failed: then there are no chunks. */
  fulfil(bytes: number, chunks: ReadonlyMap<number, Uint8Array>): void {
    this.#promised -= bytes
    for (const [key, chunk] of chunks) {
      if (this.has(key)) continue
      this.#ahead.set(key, chunk)
      this.#aheadBytes += chunk.length
    }
  }

  clear(): void {
    this.#kept.clear()
    this.#ahead.clear()
    this.#keptBytes = 0
    this.#aheadBytes = 0
  }
}
