import type { Source } from '../source.ts'

export interface CountingSource extends Source {
  /** How often was read, and how many bytes in all. */
  readonly reads: number
  readonly bytes: number
  /** The bytes that were read at least once, as half-open ranges in order: what a remote would have had to send. */
  touched(): number
}

/** For tests: another source, and what was read of it. */
export function countingSource(source: Source): CountingSource {
  const ranges: [start: number, end: number][] = []
  let bytes = 0
  return {
    name: source.name,
    size: source.size,
    get reads() {
      return ranges.length
    },
    get bytes() {
      return bytes
    },
    touched() {
      let total = 0
      let end = 0
      for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
        total += Math.max(0, to - Math.max(from, end))
        end = Math.max(end, to)
      }
      return total
    },
    async read(offset, length, options) {
      ranges.push([offset, offset + length])
      bytes += length
      return source.read(offset, length, options)
    },
    close: () => source.close(),
  }
}
