import { type CacheLayout, ensureCache } from '../cache/layout.ts'
import { PackWriter } from '../cache/pack-writer.ts'
import { writeWholeSync } from '../fs/whole.ts'
import { sha256 } from '../oid.ts'
import { Entries, flipped } from './entries.ts'
import { withGrowingFile } from './growing-file.ts'
import { type GrownInput, GrowingHashes } from './growing.ts'

/** A stretch of a remote's pack that has arrived, and where its chunks belong. Entries count from the first one of the stretch. */
export interface RangeInput {
  session: string
  bytes: Uint8Array
  /** Table entries of the stretch, 44 bytes each. */
  table: Uint8Array
  /** 1 for each entry that is a content by itself and goes into a pack of the cache. */
  contents: Uint8Array
  /** Contents of several neighbouring chunks that go into a pack of the cache as one. */
  joined: { id: Uint8Array; size: number; first: number; count: number }[]
  /** Neighbouring chunks that belong to a large file. */
  pieces: { path: string; offset: number; first: number; count: number }[]
}

export interface RangeOutput {
  /** Raw bytes that were taken. */
  raw: number
  /** The memory that the stretch came in, given back. */
  transfer: ArrayBuffer[]
}

interface Open {
  writer: PackWriter
  hashes: GrowingHashes
}

const sessions = new Map<string, Open>()

export function beginUnpacking({ session, layout }: { session: string; layout: CacheLayout }): void {
  ensureCache(layout)
  sessions.set(session, { writer: new PackWriter(layout), hashes: new GrowingHashes() })
}

/** Names of the packs that this worker wrote, complete and on disk. */
export async function endUnpacking({ session, abandon }: { session: string; abandon: boolean }): Promise<string[]> {
  const writer = sessions.get(session)?.writer
  sessions.delete(session)
  if (!abandon) return (await writer?.finish()) ?? []
  await writer?.abandon()
  return []
}

/** Goes on hashing a large file; all calls for one file go to the same worker. */
export function hashGrown(input: GrownInput): string | undefined {
  return sessions.get(input.session)!.hashes.advance(input)
}

/** Takes the chunks out of a stretch. Fails with `CORRUPT` where one is not what the table or its id says. */
export function unpackRange(input: RangeInput): RangeOutput {
  const { writer } = sessions.get(input.session)!
  const entries = new Entries(input.table, input.bytes)
  let raw = 0
  for (let i = 0; i < entries.count; i++) {
    if (input.contents[i] !== 1) continue
    const target = writer.reserve(entries.rawLength(i))
    entries.decode(i, target)
    keep(writer, entries.id(i), target, entries.rawCrc(i))
    raw += target.length
  }
  for (const { id, size, first, count } of input.joined) {
    const target = writer.reserve(size)
    entries.decodeRun(first, count, target)
    keep(writer, id, target)
    raw += size
  }
  for (const piece of input.pieces) raw += writePiece(entries, piece)
  const { buffer } = input.bytes
  return { raw, transfer: buffer instanceof ArrayBuffer && buffer.byteLength >= LENT_BYTES ? [buffer] : [] }
}

/** Smaller memory may be a part of Node's own pool, which must not leave its thread. */
export const LENT_BYTES = 1 << 20

function keep(writer: PackWriter, id: Uint8Array, bytes: Uint8Array, crc?: number): void {
  if (!sha256(bytes).equals(id)) throw flipped(id)
  if (!writer.has(id)) writer.commit(id, bytes.length, crc)
}

const PIECE_BUFFER = 4 << 20
let scratch: Buffer | undefined

function writePiece(entries: Entries, { path, offset, first, count }: RangeInput['pieces'][number]): number {
  const buffer = (scratch ??= Buffer.allocUnsafeSlow(PIECE_BUFFER))
  return withGrowingFile(path, (fd) => {
    let done = 0
    for (let i = first; i < first + count; ) {
      let end = i
      let length = 0
      while (end < first + count && length + entries.rawLength(end) <= PIECE_BUFFER) length += entries.rawLength(end++)
      const target = buffer.subarray(0, length)
      entries.decodeRun(i, end - i, target)
      writeWholeSync(fd, target, offset + done)
      done += length
      i = end
    }
    return done
  })
}
