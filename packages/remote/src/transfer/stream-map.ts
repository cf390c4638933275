import type { ChunkSequence } from './sequence.ts'

type Stream = Pick<ChunkSequence, 'recipe' | 'rawLength'>

/** A chunk, and where it starts in the stream. */
export interface Placed {
  chunk: number
  start: number
  length: number
}

/**
 * Where the chunks of a stream start, found by their place in it. It keeps the starts of runs alone: of a run, chunks are counted from its start, or
 * from the chunk that was found last.
 */
export class StreamMap {
  readonly size: number
  readonly #sequence: Stream
  /** Of each run: its first chunk, and where that starts. */
  readonly #chunks: Float64Array
  readonly #starts: Float64Array
  #last: Placed | undefined

  constructor(sequence: Stream) {
    const { runs } = sequence.recipe
    this.#sequence = sequence
    this.#chunks = new Float64Array(runs.length / 3)
    this.#starts = new Float64Array(runs.length / 3)
    let chunk = 0
    let start = 0
    for (let run = 0; run < this.#chunks.length; run++) {
      this.#chunks[run] = chunk
      this.#starts[run] = start
      const end = chunk + runs[run * 3 + 2]!
      for (; chunk < end; chunk++) start += sequence.rawLength(chunk)
    }
    this.size = start
  }

  /** The chunks that hold `length` bytes from `offset`, which lie within the stream. */
  *within(offset: number, length: number): Generator<Placed> {
    if (length === 0) return
    for (let at = this.#find(offset); ; at = this.#placed(at.chunk + 1, at.start + at.length)) {
      this.#last = at
      yield at
      if (at.start + at.length >= offset + length) return
    }
  }

  #find(offset: number): Placed {
    const last = this.#last
    const run = this.#runAt(offset)
    const isBehind = last !== undefined && last.start <= offset && last.start >= this.#starts[run]!
    let at = isBehind ? last : this.#placed(this.#chunks[run]!, this.#starts[run]!)
    while (at.start + at.length <= offset && at.start + at.length < this.size)
      at = this.#placed(at.chunk + 1, at.start + at.length)
    return at
  }

  /** The last run that starts at or before a place; of runs without bytes the last too. */
  #runAt(offset: number): number {
    let low = 0
    let high = this.#starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#starts[middle]! <= offset) low = middle
      else high = middle
    }
    return low
  }

  #placed(chunk: number, start: number): Placed {
    return { chunk, start, length: this.#sequence.rawLength(chunk) }
  }
}
