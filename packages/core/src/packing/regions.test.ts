import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CHUNK_MAX, findCuts } from '../chunk/chunker.ts'
import { codeOf } from '../temporary-workspace.ts'
import { type CutOptions, cutRegions } from './regions.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'art-regions-'))
  path = join(folder, 'object')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Bytes that look random, or repeat. */
function bytesOf(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size)
  if (seed === 0) return bytes
  let state = seed
  for (let i = 0; i < size; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[i] = state
  }
  return bytes
}

async function cut(bytes: Buffer, options: CutOptions): Promise<{ start: number; cuts: number[] }[]> {
  writeFileSync(path, bytes)
  const regions = []
  for await (const { start, cuts } of cutRegions(path, createHash('sha256').update(bytes).digest('hex'), options)) {
    regions.push({ start, cuts: [...cuts] })
  }
  return regions
}

it('regions cut a file where its chunks end, however it is read', async () => {
  const borders = [0, 1, CHUNK_MAX, 2 * CHUNK_MAX].flatMap((size) => [size, size + 1, Math.max(0, size - 1)])
  const block = fc.oneof(
    fc.constantFrom(1 << 10, CHUNK_MAX - 1, CHUNK_MAX, CHUNK_MAX + 1, 1 << 20),
    fc.integer({ min: 500, max: 300_000 }),
  )
  const size = fc.oneof(fc.constantFrom(...borders), fc.nat(1 << 20))
  await fc.assert(
    fc.asyncProperty(
      size,
      block,
      fc.integer({ min: CHUNK_MAX, max: 1 << 20 }),
      fc.nat(5),
      async (length, read, region, seed) => {
        const bytes = bytesOf(length, seed)
        const regions = await cut(bytes, { block: read, region })
        const ends = regions.flatMap(({ start, cuts }) => cuts.map((end) => start + end))
        expect(ends).toEqual(findCuts(bytes, true))
        let next = 0
        for (const { start, cuts } of regions) {
          expect(start).toBe(next)
          expect(cuts.at(-1)!).toBeLessThanOrEqual(region)
          next = start + cuts.at(-1)!
        }
        expect(next).toBe(length)
      },
    ),
    { numRuns: 60 },
  )
})

it('regions around the sizes of real blocks are the same', async () => {
  for (const size of [(4 << 20) - 1, 4 << 20, (4 << 20) + 1, (8 << 20) + CHUNK_MAX]) {
    const bytes = bytesOf(size, size)
    const [only, ...more] = await cut(bytes, {})
    expect(more).toEqual([])
    expect(only!.cuts).toEqual(findCuts(bytes, true))
  }
})

it('an object that is not what its oid says is refused in the end', async () => {
  const bytes = bytesOf(3 * CHUNK_MAX, 1)
  const oid = createHash('sha256').update(bytes).digest('hex')
  for (const damaged of [bytes.subarray(1), Buffer.from(bytes).fill(0, 200_000, 200_001), Buffer.alloc(0)]) {
    writeFileSync(path, damaged)
    const read = async (): Promise<void> => {
      for await (const _ of cutRegions(path, oid, { block: 50_000 })) continue
    }
    expect(await codeOf(read)).toBe('CORRUPT')
  }
})

it('cutting can be left off, and aborted', async () => {
  const bytes = bytesOf(1 << 20, 1)
  writeFileSync(path, bytes)
  const oid = createHash('sha256').update(bytes).digest('hex')
  for await (const { start } of cutRegions(path, oid, { block: 100_000, region: CHUNK_MAX })) {
    expect(start).toBe(0)
    break
  }
  const regions = cutRegions(path, oid, { signal: AbortSignal.abort() })
  await expect(regions.next()).rejects.toThrow('abort')
})
