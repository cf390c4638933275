import { join } from 'node:path'
import { randomName } from '../cache/layout.ts'
import { type ArtError, fromSystemError } from '../error.ts'
import { flag, RECORD_BYTES, Records } from '../index/record.ts'
import { childPath, isInside, type Section } from '../index/section.ts'
import type { LinkType } from '../link/link.ts'
import { fromWire } from '../worker/wire.ts'
import type { CheckoutDirectoryOptions } from './directory.ts'
import { FolderMaker } from './folders.ts'
import type { CheckoutSliceOutput } from './slice.ts'

const SLICE = 512

/** Paths to write, each with whether something stands there now that is to be replaced. */
export type Wanted = ReadonlyMap<string, boolean>

export interface Written {
  bytes: number
  failures: ArtError[]
  refusedLinks: LinkType[]
}

/** Where entries are written, and where the user sees them, or will. */
export interface Place {
  directory: string
  shown: string
}

/**
 * Writes the wanted entries of every folder with all workers; without `wanted` all of them, into a directory that is new. The records of
 * what was written get its stat.
 */
export async function writeEntries(
  place: Place,
  sections: readonly Section[],
  options: CheckoutDirectoryOptions,
  wanted: Wanted | undefined,
): Promise<Written> {
  const { pool, cache, links, temporary, inside } = options
  const session = randomName()
  const result: Written = { bytes: 0, failures: [], refusedLinks: [] }
  if (wanted !== undefined) tellOfRest(sections, wanted, options)
  await pool.each('beginCheckout', { session, layout: cache.layout, packs: cache.packs.state, links, temporary })
  const writeFolder = async (section: Section, entries: number[]): Promise<void> => {
    const { path } = section
    const where = { folder: `${join(place.directory, path)}/`, shown: `${join(place.shown, path)}/`, path }
    for (let at = 0; at < entries.length; at += SLICE) {
      options.signal?.throwIfAborted()
      const part = entries.slice(at, at + SLICE)
      const names = part.map((i) => section.names[i]!)
      const records = copyRecords(section.records, part)
      const replaces = wanted && Uint8Array.from(names, (name) => (wanted.get(childPath(path, name)) ? 1 : 0))
      const output = await pool.run('checkoutSlice', { session, ...where, names, records, replaces })
      take(result, section, part, output, options)
    }
  }
  const folders = new FolderMaker(place, wanted === undefined)
  // Two threads that create files in one folder only wait for its lock, so a folder's slices go one after another.
  const running = new Set<Promise<void>>()
  try {
    for (const section of sections) {
      const entries = wantedEntries(section, wanted)
      if (entries.length === 0 && !isInside(section.path, inside)) continue
      if (!makeFolder(folders, section.path, result) || entries.length === 0) continue
      while (running.size >= pool.size * 2) await Promise.race(running)
      const work = writeFolder(section, entries)
      running.add(work)
      work.finally(() => running.delete(work)).catch(() => undefined)
    }
    await Promise.all(running)
  } finally {
    await Promise.allSettled(running)
    await pool.each('endCheckout', { session })
  }
  return result
}

/** A folder that cannot be made fails once, with all that is below it. */
function makeFolder(folders: FolderMaker, path: string, { failures }: Written): boolean {
  try {
    folders.make(path)
    return true
  } catch (error) {
    const failure = fromSystemError(error)
    if (failure.code === 'DISK_FULL') throw failure
    if (!failures.includes(failure)) failures.push(failure)
    return false
  }
}

/** Whoever listens expects the whole tree: what need not be written is done. */
function tellOfRest(sections: readonly Section[], wanted: Wanted, { onEvent }: CheckoutDirectoryOptions): void {
  let files = 0
  let bytes = 0
  for (const section of sections) {
    const entries = new Set(wantedEntries(section, wanted))
    for (const i of wantedEntries(section, undefined)) {
      if (entries.has(i)) continue
      files++
      bytes += section.records.size(i)
    }
  }
  onEvent?.({ type: 'progress', phase: 'checkout', files, bytes })
}

function wantedEntries(section: Section, wanted: Wanted | undefined): number[] {
  const entries: number[] = []
  for (let i = 0; i < section.records.count; i++) {
    if ((section.records.flags(i) & flag.kindMask) === flag.folder) continue
    if (wanted === undefined || wanted.has(childPath(section.path, section.names[i]!))) entries.push(i)
  }
  return entries
}

function copyRecords(records: Records, entries: readonly number[]): ArrayBuffer {
  const copy = Records.allocate(entries.length)
  for (const [to, from] of entries.entries()) copy.copyFrom(to, records, from)
  return copy.bytes.buffer as ArrayBuffer
}

function take(
  result: Written,
  section: Section,
  entries: readonly number[],
  output: CheckoutSliceOutput,
  { onEvent }: CheckoutDirectoryOptions,
): void {
  const records = new Records(output.records, 0, output.records.byteLength / RECORD_BYTES)
  for (const [from, to] of entries.entries()) section.records.copyFrom(to, records, from)
  result.bytes += output.bytes
  for (const { error } of output.failures) result.failures.push(fromSystemError(fromWire(error)))
  for (const type of output.refused) if (!result.refusedLinks.includes(type)) result.refusedLinks.push(type)
  onEvent?.({ type: 'progress', phase: 'checkout', files: output.written, bytes: output.bytes })
}
