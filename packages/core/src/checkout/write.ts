import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { randomName } from '../cache/layout.ts'
import type { ArtError } from '../error.ts'
import { fromSystemError } from '../error.ts'
import { flag, Records, RECORD_BYTES } from '../index/record.ts'
import { childPath, type Section } from '../index/section.ts'
import type { LinkType } from '../link/link.ts'
import { fromWire } from '../worker/wire.ts'
import type { CheckoutDirectoryOptions } from './directory.ts'
import type { CheckoutSliceOutput } from './slice.ts'

const SLICE = 512

export interface Written {
  bytes: number
  failures: ArtError[]
  refusedLinks: LinkType[]
  sections: Section[]
}

/** Writes the wanted entries of every folder with all workers; without `wanted` all of them, into folders that are new. */
export async function writeEntries(
  directory: string,
  sections: Section[],
  options: CheckoutDirectoryOptions,
  wanted: ((path: string) => boolean) | undefined,
): Promise<Written> {
  const { pool, cache, links } = options
  const session = randomName()
  const result: Written = { bytes: 0, failures: [], refusedLinks: [], sections }
  await pool.each('beginCheckout', { session, cacheRoot: cache.layout.root, packs: cache.packs.state, links })
  const writeFolder = async (section: Section, entries: number[]): Promise<void> => {
    const folder = `${join(directory, section.path)}/`
    for (let at = 0; at < entries.length; at += SLICE) {
      options.signal?.throwIfAborted()
      const part = entries.slice(at, at + SLICE)
      const names = part.map((i) => section.names[i]!)
      const records = copyRecords(section.records, part)
      const input = { session, folder, path: section.path, names, records, replace: wanted !== undefined }
      take(result, section, part, await pool.run('checkoutSlice', input), options)
    }
  }
  // Two threads that create files in one folder only wait for its lock, so a folder's slices go one after another.
  const running = new Set<Promise<void>>()
  try {
    for (const section of sections) {
      const entries = wantedEntries(section, wanted)
      if (entries.length > 0 || options.inside === undefined) mkdirSync(join(directory, section.path), { recursive: true })
      if (entries.length === 0) continue
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

function wantedEntries(section: Section, wanted: ((path: string) => boolean) | undefined): number[] {
  const entries: number[] = []
  for (let i = 0; i < section.records.count; i++) {
    if ((section.records.flags(i) & flag.kindMask) === flag.folder) continue
    if (wanted === undefined || wanted(childPath(section.path, section.names[i]!))) entries.push(i)
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
