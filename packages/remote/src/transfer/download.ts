import { type ArtError, type CallOptions, fromSystemError, isArtError, toHex } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { ENTRY_BYTES } from '@art/core/pack/layout.ts'
import { Progress } from '@art/core/progress.ts'
import type { SeedCopy } from '@art/core/unpacking/seeds.ts'
import { LENT_BYTES, type RangeInput } from '@art/core/unpacking/range.ts'
import type { RecipePack } from '@art/core/recipe/recipe.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { isDamage, reasonFor } from '../layout/damage.ts'
import { packKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { Assembly, type Keep } from './assembly.ts'
import { extentOf, type FileNeed, type PackNeed, STRETCH_BYTES, type StretchNeed, stretchNeeds } from './needs.ts'

export interface DownloadContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  pool: Pool
  keep: Keep
  /** Memory that stretches came in and that is free again. */
  memory: ArrayBuffer[]
}

interface Download extends DownloadContext {
  progress: Progress
}

export interface Downloaded {
  new: number
  transferred: number
  /** Why a content could not be had, by oid. */
  failures: Map<string, string>
  /** Packs that are not there, or not as they were sent. */
  damaged: Set<RecipePack>
  /** Files whose chunks all came, and did not make what the oid says. */
  mismatched: Set<FileNeed>
}

/** Bytes that may be in memory on their way, and requests at a time. */
const IN_FLIGHT_BYTES = 144 << 20
const IN_FLIGHT = 16

/** Reads what is needed of each pack and hands it to the workers; large files are hashed here while they grow. */
export async function download(
  packs: readonly PackNeed[],
  files: readonly FileNeed[],
  copies: ReadonlyMap<FileNeed, SeedCopy[]>,
  session: string,
  context: DownloadContext,
): Promise<Downloaded> {
  const { pool, cache } = context
  const progress = new Progress('download', context)
  progress.expect(files.length, 0)
  for (const need of packs) {
    const { contents, bytes } = extentOf(need)
    progress.expect(contents, bytes)
  }
  progress.tell()
  const result: Downloaded = { new: 0, transferred: 0, failures: new Map(), damaged: new Set(), mismatched: new Set() }
  const assemblies = new Map<FileNeed, Assembly>()
  await pool.each('beginUnpacking', { session, layout: cache.layout })
  let complete = false
  try {
    for (const file of files) {
      const { keep } = context
      const published = (): void => progress.done(1, 0)
      const parts = { layout: cache.layout, session, worker: pool.pick(), keep, published }
      assemblies.set(file, new Assembly(file, parts))
    }
    await Promise.all([
      copyFromSeeds(copies, assemblies, context),
      readStretches(packs, session, assemblies, result, { ...context, progress }),
    ])
    for (const assembly of assemblies.values()) {
      await assembly.finish(context).catch((error: unknown) => {
        if (!isArtError(error, 'REMOTE_DAMAGED')) throw error
        const { oid } = assembly.need
        if (result.failures.has(oid)) return
        result.failures.set(oid, error.message)
        result.mismatched.add(assembly.need)
      })
    }
    progress.remains()
    complete = true
  } finally {
    for (const assembly of assemblies.values()) await assembly.close()
    await pool.each('endUnpacking', { session, abandon: !complete })
  }
  return result
}

async function copyFromSeeds(
  copies: ReadonlyMap<FileNeed, SeedCopy[]>,
  assemblies: ReadonlyMap<FileNeed, Assembly>,
  { pool }: DownloadContext,
): Promise<void> {
  for (const [file, list] of copies) {
    await pool.run('copySeeds', { path: file.temporary, copies: list })
    for (const { offset, length } of list) assemblies.get(file)!.written(offset, offset + length)
  }
}

async function readStretches(
  packs: readonly PackNeed[],
  session: string,
  assemblies: ReadonlyMap<FileNeed, Assembly>,
  result: Downloaded,
  context: Download,
): Promise<void> {
  const running = new Set<Promise<void>>()
  let inFlight = 0
  let failure: unknown
  for (const need of packs) {
    for (const part of stretchNeeds(need)) {
      const { stretch } = part
      const length = need.table.offset(stretch.end) - need.table.offset(stretch.first)
      while (running.size >= IN_FLIGHT || (running.size > 0 && inFlight + length > IN_FLIGHT_BYTES))
        await Promise.race(running)
      if (failure !== undefined) break
      context.signal?.throwIfAborted()
      inFlight += length
      const work = readStretch(need, part, session, assemblies, result, context)
        .catch((error: unknown) => {
          failure ??= error
        })
        .finally(() => {
          inFlight -= length
          running.delete(work)
        })
      running.add(work)
    }
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure
}

async function readStretch(
  need: PackNeed,
  part: StretchNeed,
  session: string,
  assemblies: ReadonlyMap<FileNeed, Assembly>,
  result: Downloaded,
  context: Download,
): Promise<void> {
  const { table, pack } = need
  const { stretch } = part
  const range = { start: table.offset(stretch.first), end: table.offset(stretch.end) }
  const input = rangeInput(need, part, session)
  for (let attempt = 0; ; attempt++) {
    try {
      const memory = takeMemory(context.memory, range.end - range.start)
      const bytes = await readAll(context.store, packKey(pack.name), { ...context, range, memory })
      result.transferred += bytes.length
      const lent = bytes.length >= LENT_BYTES ? [bytes.buffer as ArrayBuffer] : []
      const { raw, transfer } = await context.pool.run('unpackRange', { ...input, bytes }, lent)
      context.memory.push(...transfer)
      result.new += raw
      context.progress.done(
        input.contents.reduce((sum, one) => sum + one, input.joined.length),
        raw,
      )
      break
    } catch (error) {
      const gone = isArtError(error, 'NOT_FOUND')
      if (!gone && !isDamage(error)) throw error
      if (gone || attempt > 0) return fail(need, part, fromSystemError(error), result)
    }
  }
  for (const { file, offset, first, count } of part.pieces) {
    let length = 0
    for (let i = first; i < first + count; i++) length += table.rawLength(i)
    assemblies.get(file)!.written(offset, offset + length)
  }
}

/** Memory of an earlier stretch, or new one of the size that most have, so that it can be lent again. */
function takeMemory(spare: ArrayBuffer[], size: number): Uint8Array | undefined {
  if (size < LENT_BYTES) return undefined
  const at = spare.findIndex((buffer) => buffer.byteLength >= size)
  if (at >= 0) return new Uint8Array(spare.splice(at, 1)[0]!)
  return new Uint8Array(Math.max(size, STRETCH_BYTES))
}

/** What could not be unpacked stays missing, and is named with its reason. */
function fail(need: PackNeed, { stretch, joined, pieces }: StretchNeed, error: ArtError, result: Downloaded): void {
  const { pack, table, contents } = need
  const { first, end } = stretch
  const message = `${packKey(pack.name)}: ${reasonFor(error)}`
  result.damaged.add(pack)
  for (let i = first; i < end; i++) if (contents[i] === 1) result.failures.set(toHex(table.id(i)), message)
  for (const one of joined) result.failures.set(toHex(one.id), message)
  for (const { file } of pieces) result.failures.set(file.oid, message)
}

function rangeInput(
  { table, contents }: PackNeed,
  { stretch: { first, end }, joined, pieces }: StretchNeed,
  session: string,
): Omit<RangeInput, 'bytes'> {
  return {
    session,
    table: table.bytes.slice(first * ENTRY_BYTES, end * ENTRY_BYTES),
    contents: contents.slice(first, end),
    joined: joined.map((one) => ({ ...one, first: one.first - first })),
    pieces: pieces.map((piece) => ({
      path: piece.file.temporary,
      offset: piece.offset,
      first: piece.first - first,
      count: piece.count,
    })),
  }
}
