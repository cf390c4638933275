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
  const running = new Set<Promise<void>>()
  try {
    for (const section of sections) {
      const folder = join(directory, section.path)
      mkdirSync(folder, { recursive: true })
      const entries = wantedEntries(section, wanted)
      for (let at = 0; at < entries.length; at += SLICE) {
        options.signal?.throwIfAborted()
        while (running.size >= pool.size * 4) await Promise.race(running)
        const part = entries.slice(at, at + SLICE)
        const work = pool
          .run('checkoutSlice', {
            session,
            folder: `${folder}/`,
            path: section.path,
            names: part.map((i) => section.names[i]!),
            records: copyRecords(section.records, part),
            replace: wanted !== undefined,
          })
          .then((output) => take(result, section, part, output, options))
        running.add(work)
        work.finally(() => running.delete(work)).catch(() => undefined)
      }
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
