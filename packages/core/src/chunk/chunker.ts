import { Hasher } from 'gearhash-jit'

/** Sizes in bytes of chunks cut from the inside of a file. The last chunk of a file may be smaller. */
export const CHUNK_MIN = 8 << 10
export const CHUNK_TARGET = 64 << 10
export const CHUNK_MAX = 128 << 10

/** Parameters of Xet (huggingface/xet-core): a cut where 16 bits of the gear hash over the last 64 bytes are zero. */
const MASK = 0xffffn << 48n
const WINDOW = 64

/** The package copies what it is given into WebAssembly memory, so most of what lies behind a cut should not be given. */
const PIECE = 32 << 10

const hasher = new Hasher(MASK)

/**
 * End offsets of the complete chunks in `buffer`, which starts where a chunk starts.
 *
 * Without `atEnd` more bytes follow: the tail that could still grow is left to the caller, who puts it in front of what comes next;
 * where the cuts lie does not depend on how the bytes were divided. With `atEnd` the last offset is `buffer.length`; an empty
 * buffer has no chunk.
 *
 * The rule that a file of at most `CHUNK_MAX` bytes is exactly one chunk is the caller's: this function does not know a file's size.
 */
export function findCuts(buffer: Uint8Array, atEnd: boolean): number[] {
  const cuts: number[] = []
  for (let start = 0; start < buffer.length; ) {
    const cut = nextCut(buffer, start)
    if (cut < 0) {
      if (atEnd) cuts.push(buffer.length)
      break
    }
    cuts.push(cut)
    start = cut
  }
  return cuts
}

/** -1 where the buffer ends before the chunk must. */
function nextCut(buffer: Uint8Array, start: number): number {
  const limit = start + CHUNK_MAX
  const end = Math.min(limit, buffer.length)
  let at = start + CHUNK_MIN - 1
  if (at >= end) return -1
  hasher.resetHash()
  warm(buffer, at - WINDOW, at)
  while (at < end) {
    const stop = Math.min(at + PIECE, end)
    const match = hasher.nextMatch(buffer.subarray(at, stop))
    if (match >= 0) return at + match
    at = stop
  }
  return end === limit ? limit : -1
}

/** Fills the hash's window; a match before `CHUNK_MIN` is none. */
function warm(buffer: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; ) {
    const match = hasher.nextMatch(buffer.subarray(at, to))
    if (match < 0) return
    at += match
  }
}
