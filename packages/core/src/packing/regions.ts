import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { refuteObject } from '../cache/seal.ts'
import { CHUNK_MAX, findCuts } from '../chunk/chunker.ts'
import type { CallOptions } from '../event.ts'
import type { Oid } from '../oid.ts'
import { GROUP_BYTES, type Segment } from './group.ts'

const BLOCK = 4 << 20

export interface CutOptions extends CallOptions {
  /** Bytes that are read at a time. */
  block?: number
  /** Bytes of a region at most; no less than a chunk. */
  region?: number
}

/**
 * Cuts a whole object into regions of whole chunks, one a group, while it checks that the object is what its oid says.
 * Throws `CORRUPT` after the last region where it is not: what was made of it must then be dropped.
 */
export async function* cutRegions(
  path: string,
  oid: Oid,
  options: CutOptions = {},
): AsyncGenerator<Segment & { type: 'region' }> {
  const { block = BLOCK, region: most = GROUP_BYTES, signal } = options
  const file = await open(path, 'r')
  const hash = createHash('sha256')
  try {
    /** Two halves take turns: one is read while the other is cut; each keeps room for the tail that the other left. */
    const halves = [Buffer.allocUnsafeSlow(CHUNK_MAX + block), Buffer.allocUnsafeSlow(CHUNK_MAX + block)] as const
    const read = (turn: number, position: number) => {
      const reading = file.read(halves[turn % 2]!, CHUNK_MAX, block, position)
      reading.catch(() => undefined)
      return reading
    }
    let position = 0
    let reading = read(0, 0)
    let tail = Buffer.alloc(0)
    let region = { start: 0, cuts: [] as number[] }
    let cutEnd = 0
    for (let turn = 0; ; turn++) {
      signal?.throwIfAborted()
      const { bytesRead } = await reading
      const half = halves[turn % 2]!
      position += bytesRead
      // The tail lies where the next block is read to.
      half.set(tail, CHUNK_MAX - tail.length)
      if (bytesRead > 0) reading = read(turn + 1, position)
      const fresh = half.subarray(CHUNK_MAX, CHUNK_MAX + bytesRead)
      hash.update(fresh)
      const bytes = half.subarray(CHUNK_MAX - tail.length, CHUNK_MAX + bytesRead)
      const base = cutEnd
      for (const cut of findCuts(bytes, bytesRead === 0)) {
        if (cut === 0) continue
        cutEnd = base + cut
        if (cutEnd - region.start > most) {
          yield finished(path, region)
          region = { start: region.start + region.cuts.at(-1)!, cuts: [] }
        }
        region.cuts.push(cutEnd - region.start)
      }
      tail = bytes.subarray(cutEnd - base)
      if (bytesRead === 0) break
    }
    if (hash.digest('hex') !== oid) throw refuteObject(path, oid)
    if (region.cuts.length > 0) yield finished(path, region)
  } finally {
    await file.close()
  }
}

function finished(path: string, { start, cuts }: { start: number; cuts: number[] }): Segment & { type: 'region' } {
  return { type: 'region', path, start, cuts: Uint32Array.from(cuts) }
}
