import { existsSync, lstatSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '../cache/cache.ts'
import { LARGE_FILE, randomName } from '../cache/layout.ts'
import { ArtError, fromSystemError } from '../error.ts'
import type { CallOptions } from '../event.ts'
import { compareSections, type EntryChange } from '../index/compare.ts'
import { indexFromTree } from '../index/from-tree.ts'
import { flag, Records } from '../index/record.ts'
import type { Section } from '../index/section.ts'
import type { LinkType } from '../link/link.ts'
import type { KnownIndex } from '../index/store.ts'
import { scanDirectory } from '../scan/scan.ts'
import type { Pool } from '../worker/pool.ts'
import { writeEntries } from './write.ts'

export interface CheckoutDirectoryOptions extends CallOptions {
  cache: Cache
  pool: Pool
  links: readonly LinkType[]
  known?: KnownIndex | undefined
  trustedBefore: number
  /** Destroy content that is in no cache. */
  force?: boolean
  dryRun?: boolean
  ignores?: ((path: string, isFolder: boolean) => boolean) | undefined
  /** Only this path in the directory, and what is below it. */
  inside?: string | undefined
  /** An empty folder on the workspace's own file system, for what is not complete yet. */
  temporary: string
}

export interface CheckedOutDirectory {
  added: number
  modified: number
  removed: number
  bytes: number
  failures: ArtError[]
  refusedLinks: LinkType[]
  /** What the workspace holds now; the index can be written from it. */
  sections: Section[]
}

/** Makes a directory of the workspace hold a tree of the cache: only what differs is written, and all of it before anything goes. */
export async function checkoutDirectory(
  directory: string,
  root: Uint8Array,
  options: CheckoutDirectoryOptions,
): Promise<CheckedOutDirectory> {
  const target = indexFromTree(root, options.cache.readNode)
  const present = lstatSync(directory, { throwIfNoEntry: false })
  if (present === undefined && options.inside === undefined) return await writeFresh(directory, target.sections, options)
  if (present !== undefined && !present.isDirectory()) throw inTheWay(directory)
  const current = present === undefined ? [] : await scanCurrent(directory, options)
  const changes = [...compareSections(current, target.sections)].filter(({ path }) => isInside(path, options.inside))
  if (!options.force) refuseLosses(directory, changes, options.cache)
  const counts = { added: 0, modified: 0, removed: 0 }
  for (const { state } of changes) counts[state]++
  if (options.dryRun) return { ...counts, bytes: 0, failures: [], refusedLinks: [], sections: current }
  const folders = new Set(target.sections.map((section) => section.path))
  for (const change of changes) {
    if (change.state === 'removed' || isSwap(change)) rmSync(join(directory, change.path), { force: true })
  }
  for (const { path } of [...current].reverse()) {
    if (!folders.has(path) && isInside(path, options.inside)) removeIfEmpty(join(directory, path))
  }
  const wanted = new Set(changes.filter((change) => change.after !== undefined).map((change) => change.path))
  const written = await writeEntries(directory, target.sections, options, (path) => wanted.has(path))
  keepStats(current, written.sections)
  return { ...counts, ...written }
}

function isInside(path: string, inside: string | undefined): boolean {
  return inside === undefined || path === inside || path.startsWith(`${inside}/`)
}

async function writeFresh(
  directory: string,
  sections: Section[],
  options: CheckoutDirectoryOptions,
): Promise<CheckedOutDirectory> {
  const files = sections.reduce((sum, section) => sum + countEntries(section), 0)
  const none = { modified: 0, removed: 0 }
  if (options.dryRun) return { added: files, ...none, bytes: 0, failures: [], refusedLinks: [], sections }
  const fresh = join(options.temporary, randomName())
  mkdirSync(fresh, { recursive: true })
  try {
    const written = await writeEntries(fresh, sections, options, undefined)
    publish(fresh, directory)
    return { added: files - written.failures.length, ...none, ...written }
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

function publish(fresh: string, directory: string): void {
  mkdirSync(join(directory, '..'), { recursive: true })
  if (existsSync(directory)) throw inTheWay(directory)
  try {
    renameSync(fresh, directory)
  } catch (error) {
    throw fromSystemError(error, directory)
  }
}

function countEntries(section: Section): number {
  let count = 0
  for (let i = 0; i < section.records.count; i++) if ((section.records.flags(i) & flag.kindMask) !== flag.folder) count++
  return count
}

function inTheWay(path: string): ArtError {
  return new ArtError('WOULD_OVERWRITE', 'something else is in the way of the directory', {
    path,
    hint: 'Move it away, then run the command again.',
  })
}

async function scanCurrent(directory: string, options: CheckoutDirectoryOptions): Promise<Section[]> {
  const { pool, cache } = options
  const session = randomName()
  await pool.each('beginScan', { session, layout: cache.layout, known: cache.packs.state.index, store: false })
  try {
    const scan = await scanDirectory(directory, { ...options, session, hashNew: true, onEvent: undefined })
    const [failure] = scan.failures
    if (failure !== undefined && !options.force) throw failure
    return scan.sections
  } finally {
    await pool.each('endScan', { session, abandon: true })
  }
}

function refuseLosses(directory: string, changes: EntryChange[], cache: Cache): void {
  const lost = changes.filter(({ before }) => before !== undefined && !isCached(before.section.records, before.i, cache))
  if (lost.length === 0) return
  const paths = lost.map((change) => join(directory, change.path))
  throw new ArtError('WOULD_OVERWRITE', `${lost.length} changed or new files are not in the cache and would be lost`, {
    path: directory,
    hint: 'Run `art add` to keep them, or repeat with --force to lose them.',
    details: paths.map((path) => ({ path, message: 'not in the cache' })),
  })
}

function isCached(records: Records, i: number, cache: Cache): boolean {
  if ((records.flags(i) & flag.kindMask) === flag.symlink) return true
  const size = records.size(i)
  return size < LARGE_FILE ? cache.packs.has(records.oid(i)) : cache.hasFile(records.oid(i), size)
}

function isSwap({ before, after }: EntryChange): boolean {
  if (before === undefined || after === undefined) return false
  return ((before.section.records.flags(before.i) ^ after.section.records.flags(after.i)) & flag.kindMask) !== 0
}

/** A folder may still hold what `.artignore` leaves out: that stays. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw fromSystemError(error, path)
  }
}

/** Entries that were not written keep the stat that the scan has seen. */
function keepStats(current: Section[], sections: Section[]): void {
  const seen = new Map(current.map((section) => [section.path, section]))
  for (const section of sections) {
    const old = seen.get(section.path)
    if (old === undefined) continue
    const places = new Map(old.names.map((name, i) => [name, i]))
    for (let i = 0; i < section.names.length; i++) {
      const from = places.get(section.names[i]!)
      if (from === undefined || (section.records.flags(i) & flag.stat) !== 0) continue
      if ((section.records.flags(i) & flag.kindMask) !== flag.folder) section.records.copyFrom(i, old.records, from)
    }
  }
}
