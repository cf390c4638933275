import { existsSync, lstatSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Cache } from '../cache/cache.ts'
import { randomName } from '../cache/layout.ts'
import { type ArtError, fromSystemError } from '../error.ts'
import type { CallOptions } from '../event.ts'
import { compareSections } from '../index/compare.ts'
import { indexFromTree } from '../index/from-tree.ts'
import { flag } from '../index/record.ts'
import { isInside, type Section } from '../index/section.ts'
import type { KnownIndex } from '../index/store.ts'
import type { LinkType } from '../link/link.ts'
import { scanDirectory } from '../scan/scan.ts'
import type { Pool } from '../worker/pool.ts'
import { hiddenPaths, type Ignores, refuseLosses } from './losses.ts'
import { inTheWay } from './refusal.ts'
import { settleSections } from './settle.ts'
import { stagingFolder, stagingPath } from './staging.ts'
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
  ignores?: Ignores | undefined
  /** Only this path in the directory, and what is below it. */
  inside?: string | undefined
  /** A folder, best on the workspace's own file system, for what is not complete yet. */
  temporary: string
  /** Files of the tree at most: what the pointer says. */
  files?: number | undefined
}

export interface CheckedOutDirectory {
  added: number
  modified: number
  removed: number
  bytes: number
  failures: ArtError[]
  refusedLinks: LinkType[]
  /** What the workspace holds now; the index can be written from it. A folder has its tree where it is what that says. */
  sections: Section[]
}

/**
 * Makes a directory of the workspace hold a tree of the cache; only what differs is written. A directory that is not there yet appears
 * when it is complete. Fails with `WOULD_OVERWRITE` before anything is changed; what fails later is among the failures, by name.
 */
export async function checkoutDirectory(
  directory: string,
  root: Uint8Array,
  options: CheckoutDirectoryOptions,
): Promise<CheckedOutDirectory> {
  const { cache, files, inside } = options
  const target = indexFromTree(root, cache.readNode, { files })
  const present = lstatSync(directory, { throwIfNoEntry: false })
  if (present === undefined && inside === undefined) return await writeFresh(directory, target.sections, options)
  if (present !== undefined && !present.isDirectory()) throw inTheWay(directory, 'something else')
  const current = present === undefined ? [] : await scanCurrent(directory, options)
  const changes = [...compareSections(current, target.sections)].filter(({ path }) => isInside(path, inside))
  const hidden = hiddenPaths(directory, changes, options.ignores)
  if (!options.force) refuseLosses(directory, changes, hidden, cache)
  const removed = changes.filter(({ state }) => state === 'removed')
  const written = changes.filter(({ after }) => after !== undefined)
  if (options.dryRun) {
    const added = written.filter(({ state }) => state === 'added').length
    const counts = { added, modified: written.length - added, removed: removed.length }
    return { ...counts, bytes: 0, failures: [], refusedLinks: [], sections: current }
  }
  // What goes, goes first: where names can differ in case only, it may have the name of what comes.
  for (const { path } of removed) remove(join(directory, path))
  const folders = new Set(target.sections.map((section) => section.path))
  for (const { path } of current.toReversed()) {
    if (!folders.has(path) && isInside(path, inside)) removeIfEmpty(join(directory, path))
  }
  const wanted = new Map(written.map(({ path, before }) => [path, before !== undefined || hidden.has(path)]))
  mkdirSync(directory, { recursive: true })
  const result = await writeEntries({ directory, shown: directory }, target.sections, options, wanted)
  const done = written.filter(({ after }) => (after!.section.records.flags(after!.i) & flag.stat) !== 0)
  const added = done.filter(({ state }) => state === 'added').length
  const sections = settleSections(current, target.sections)
  return { added, modified: done.length - added, removed: removed.length, ...result, sections }
}

async function writeFresh(
  directory: string,
  sections: Section[],
  options: CheckoutDirectoryOptions,
): Promise<CheckedOutDirectory> {
  const none = { modified: 0, removed: 0 }
  if (options.dryRun) {
    const added = countEntries(sections, () => true)
    return { added, ...none, bytes: 0, failures: [], refusedLinks: [], sections }
  }
  mkdirSync(dirname(directory), { recursive: true })
  const fresh = stagingPath(stagingFolder(dirname(directory), options.temporary))
  mkdirSync(fresh)
  try {
    const result = await writeEntries({ directory: fresh, shown: directory }, sections, options, undefined)
    if (existsSync(directory)) throw inTheWay(directory, 'something else')
    renameSync(fresh, directory)
    const added = countEntries(sections, (flags) => (flags & flag.stat) !== 0)
    return { added, ...none, ...result, sections: settleSections([], sections) }
  } catch (error) {
    throw fromSystemError(error, directory)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Files and links. */
function countEntries(sections: readonly Section[], which: (flags: number) => boolean): number {
  let count = 0
  for (const { records } of sections) {
    for (let i = 0; i < records.count; i++) {
      const flags = records.flags(i)
      if ((flags & flag.kindMask) !== flag.folder && which(flags)) count++
    }
  }
  return count
}

async function scanCurrent(directory: string, options: CheckoutDirectoryOptions): Promise<Section[]> {
  const { pool, cache } = options
  const session = randomName()
  await pool.each('beginScan', { session, layout: cache.layout, packs: cache.packs.state, store: false })
  try {
    const scan = await scanDirectory(directory, { ...options, session, hashNew: true, onEvent: undefined })
    const [failure] = scan.failures
    if (failure !== undefined && !options.force) throw failure
    return scan.sections
  } finally {
    await pool.each('endScan', { session, abandon: true })
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw fromSystemError(error, path)
  }
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
