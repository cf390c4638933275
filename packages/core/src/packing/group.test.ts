import { randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { objectPath, randomName } from '../cache/layout.ts'
import { PackWriter } from '../cache/pack-writer.ts'
import { CHUNK_MAX, findCuts } from '../chunk/chunker.ts'
import { decodeChunkInto } from '../codec/codec.ts'
import { sha256, toHex } from '../oid.ts'
import { ChunkIndex } from '../pack/chunk-index.ts'
import { PackTable } from '../pack/table.ts'
import { damageInPacks } from '../temporary-damage.ts'
import { codeOf, TemporaryWorkspace } from '../temporary-workspace.ts'
import {
  beginPacking,
  endPacking,
  type GroupInput,
  type GroupOutput,
  OWN_PACK,
  packGroup,
  type Segment,
} from './group.ts'

let work: TemporaryWorkspace
let session: string
beforeEach(async () => {
  work = new TemporaryWorkspace()
  await work.add()
  session = randomName()
})
afterEach(() => {
  endPacking({ session })
  work.remove()
})

const text = Buffer.from('some text, some text, some text')
const small = randomBytes(5000)
const medium = Buffer.concat([randomBytes(CHUNK_MAX), Buffer.alloc(3 * CHUNK_MAX, 'x')])
const large = randomBytes(2 << 20)

async function cacheAll(): Promise<void> {
  const writer = new PackWriter(work.cache.layout)
  for (const bytes of [text, small, medium]) writer.append(sha256(bytes), bytes)
  await writer.finish()
  work.cache.reload()
  work.write('large', large)
  await work.add()
}

function begin(known: readonly { table: Uint8Array; count: number }[] = [], compress = false): void {
  beginPacking({ session, packs: work.cache.packs.state, known: ChunkIndex.build(known).state, compress })
}

function segments(): Segment[] {
  return [
    { type: 'chunks', ids: Buffer.concat([sha256(text), sha256(small), sha256(text)]) },
    { type: 'content', id: sha256(medium), size: medium.length },
    {
      type: 'region',
      path: objectPath(work.cache.layout, toHex(sha256(large))),
      start: 0,
      cuts: Uint32Array.from(findCuts(large, true)),
    },
  ]
}

function pack(input: Partial<GroupInput> = {}): GroupOutput & { table: PackTable } {
  const given = { session, segments: segments(), size: 100_000, ...input }
  const output = packGroup(given)
  return { ...output, table: PackTable.parse(output.pack!, output.pack!.length) }
}

/** The raw bytes of every chunk of a pack, checked against its id. */
function rawChunks({ pack: bytes, table }: { pack?: Uint8Array; table: PackTable }): Buffer[] {
  return Array.from({ length: table.count }, (_, i) => {
    const raw = Buffer.alloc(table.rawLength(i))
    decodeChunkInto(table.scheme(i), bytes!.subarray(table.offset(i), table.offset(i) + table.storedLength(i)), raw)
    expect(sha256(raw).equals(table.id(i))).toBe(true)
    return raw
  })
}

describe('a group of contents', () => {
  it.each([false, true])('becomes one pack from which all of them can be rebuilt; compressed: %s', async (compress) => {
    await cacheAll()
    begin([], compress)
    const made = pack()
    const chunks = rawChunks(made)
    const stream: Buffer[] = []
    for (let at = 0; at < made.refs.length; at += 2) {
      expect(made.refs[at]).toBe(OWN_PACK)
      stream.push(chunks[made.refs[at + 1]!]!)
    }
    expect(Buffer.concat(stream).equals(Buffer.concat([text, small, text, medium, large]))).toBe(true)
    const cuts = [findCuts(medium, true).length, findCuts(large, true).length]
    expect(made.counts).toEqual([3, ...cuts])
    expect(made.chunks).toBe(made.table.count)
    expect(made.raw).toBe(chunks.reduce((sum, { length }) => sum + length, 0))
    // What occurs twice is there once: the text, and the chunks of a repetition.
    expect(made.raw).toBeLessThan(text.length + small.length + medium.length + large.length)
    expect(made.pack!.length < made.raw).toBe(compress)
  })

  it('leaves out what the remote has, and refers to it there', async () => {
    await cacheAll()
    begin()
    const first = pack()
    endPacking({ session })
    const other = { table: first.table.bytes, count: first.table.count }
    begin([{ table: new Uint8Array(0), count: 0 }, other])
    const again = packGroup({ session, segments: segments(), size: 0 })
    expect(again.pack).toBeUndefined()
    expect(again.chunks).toBe(0)
    const entries = [...again.refs].filter((_, i) => i % 2 === 1)
    expect([...again.refs].filter((_, i) => i % 2 === 0).every((number) => number === 1)).toBe(true)
    expect(entries).toEqual([...first.refs].filter((_, i) => i % 2 === 1))
  })

  it('can be made in the memory of an earlier one, whether it fits or not', async () => {
    await cacheAll()
    begin()
    const first = pack()
    for (const length of [100, 5 << 20]) {
      const again = pack({ memory: new ArrayBuffer(length) })
      expect(Buffer.compare(again.pack!, first.pack!)).toBe(0)
    }
  })

  it('is refused where the cache lacks or has damaged any of it', async () => {
    await cacheAll()
    begin()
    const absent: Segment[] = [{ type: 'chunks', ids: sha256(Buffer.from('absent')) }]
    expect(await codeOf(() => packGroup({ session, segments: absent, size: 0 }))).toBe('NOT_CACHED')
    const resized: Segment[] = [{ type: 'content', id: sha256(medium), size: medium.length + 1 }]
    expect(await codeOf(() => packGroup({ session, segments: resized, size: 0 }))).toBe('CORRUPT')
    const path = objectPath(work.cache.layout, toHex(sha256(large)))
    chmodSync(path, 0o644)
    writeFileSync(path, large.subarray(1))
    expect(await codeOf(() => pack())).toBe('CORRUPT')
    endPacking({ session })
    damageInPacks(work.cache.layout, small)
    work.cache.reload()
    begin()
    expect(await codeOf(() => pack())).toBe('CORRUPT')
  })
})
