import type { PackTable } from '@art/core/pack/table.ts'
import type { RecipePack } from '@art/core/recipe/recipe.ts'
import { GAP, type Stretch, WASTE } from './needs.ts'
import type { ChunkSequence } from './sequence.ts'

/** Bytes after which a request ends, of what travels and of what it becomes: one connection is slower than several. */
const REQUEST_BYTES = 4 << 20

/** Entries of one pack that are read with one request, and which of them are wanted. */
export interface Request extends Stretch {
  pack: RecipePack
  /** Of the pack in the recipe. */
  number: number
  table: PackTable
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
    const { pack, number, table, entry } = sequence.place(i)
    const stored = table.storedLength(entry)
    const raw = table.rawLength(entry)
    if (open?.number === number && joins(open, needed + stored, entry) && open.raw + raw <= REQUEST_BYTES) {
      open.end = entry + 1
      open.wanted.push(entry)
      open.raw += raw
      needed += stored
      continue
    }
    if (open !== undefined) yield open
    open = { pack, number, table, first: entry, end: entry + 1, wanted: [entry], raw }
    needed = stored
  }
  if (open !== undefined) yield open
}

function joins({ table, first, end }: Request, needed: number, entry: number): boolean {
  if (entry < end) return false
  const gap = table.offset(entry) - table.offset(end)
  const read = table.offset(entry + 1) - table.offset(first)
  return gap <= GAP && read <= Math.min(WASTE * needed, REQUEST_BYTES)
}
