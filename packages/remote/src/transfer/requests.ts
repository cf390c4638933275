import { GAP, STRETCH_BYTES, type Stretch, WASTE } from './needs.ts'
import type { ChunkSequence } from './sequence.ts'

/** Entries of one pack that are read with one request, and which of them are wanted. */
export interface Request extends Stretch {
  /** The pack, by its number in the recipe. */
  pack: number
  /** Raw bytes of the wanted entries. */
  raw: number
  /** Wanted entries, rising. */
  wanted: number[]
}

/**
 * Cuts chunks of a stream, in the order in which they will be read, into few requests: gaps are read over while that costs little. Bounded by
 * what travels as well as by what it becomes. Takes no more of the chunks than it needs for the next request.
 */
export function* requestsFor(sequence: ChunkSequence, chunks: Iterable<number>): Generator<Request> {
  let open: Request | undefined
  let needed = 0
  for (const i of chunks) {
    const pack = sequence.packs[i]!
    const entry = sequence.entries[i]!
    const stored = sequence.tables[pack]!.storedLength(entry)
    const raw = sequence.rawLength(i)
    if (open !== undefined && joins(sequence, open, needed + stored, pack, entry) && open.raw + raw <= STRETCH_BYTES) {
      open.end = entry + 1
      open.wanted.push(entry)
      open.raw += raw
      needed += stored
      continue
    }
    if (open !== undefined) yield open
    open = { pack, first: entry, end: entry + 1, wanted: [entry], raw }
    needed = stored
  }
  if (open !== undefined) yield open
}

function joins({ tables }: ChunkSequence, open: Request, needed: number, pack: number, entry: number): boolean {
  if (pack !== open.pack || entry < open.end) return false
  const table = tables[pack]!
  const gap = table.offset(entry) - table.offset(open.end)
  const read = table.offset(entry + 1) - table.offset(open.first)
  return gap <= GAP && read <= Math.min(WASTE * needed, STRETCH_BYTES)
}
