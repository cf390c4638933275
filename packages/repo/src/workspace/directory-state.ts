import { lstatSync } from 'node:fs'
import { type ArtError, type CallOptions, fromHex, isArtError } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { compareSections, type EntryChange } from '@art/core/index/compare.ts'
import { indexFromTree } from '@art/core/index/from-tree.ts'
import { type KnownIndex, loadIndex, saveIndex, shareIndex } from '@art/core/index/store.ts'
import { buildTree } from '@art/core/scan/build-tree.ts'
import { type Scan, scanDirectory } from '@art/core/scan/scan.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { loadArtIgnore } from '../ignore/artignore.ts'
import type { Repo } from '../open.ts'
import type { Artifact } from '../target/find.ts'
import { directoryIndexPath } from './index-path.ts'
import type { Work } from './work.ts'

export interface DirectoryState {
  state: 'ok' | 'modified' | 'missing'
  /** Some content of the directory as it is now is not in the cache. */
  uncached: boolean
  /** The directory is as art last left it, and its pointer names another tree. */
  outdated?: boolean
  changes: EntryChange[]
  failures: ArtError[]
}

export interface StatePlace extends CallOptions {
  cache: Cache
  pool: (work: Work) => Promise<Pool>
  trustedBefore: number
}

/** All that is asked of the artifact. */
type Directory = Pick<Artifact, 'path' | 'absolutePath' | 'pointer'>

/** Compares a directory with its pointer. What had to be read is noted in the index, so that it is read once. */
export async function directoryState(repo: Repo, artifact: Directory, place: StatePlace): Promise<DirectoryState> {
  const { absolutePath, pointer, path } = artifact
  const stat = lstatSync(absolutePath, { throwIfNoEntry: false })
  if (stat === undefined) return { state: 'missing', uncached: false, changes: [], failures: [] }
  if (!stat.isDirectory()) return { state: 'modified', uncached: false, changes: [], failures: [] }
  const indexPath = directoryIndexPath(repo, path)
  const root = fromHex(pointer.oid)
  const stored = loadIndex(indexPath)
  const base =
    stored !== undefined && Buffer.compare(stored.decoded.root, root) === 0
      ? stored
      : fromCache(root, pointer.files, place.cache)
  const known = stored ?? base
  const scan = await scanNow(repo, artifact, known, base !== known, place)
  if (scan.failures.length > 0) return { state: 'modified', uncached: false, changes: [], failures: scan.failures }
  const uncached = scan.uncached > 0 || !place.cache.hasNode(root)
  if (scan.same && base === known) return { state: 'ok', uncached, changes: [], failures: [] }
  const outdated = stored !== undefined && stored !== base && isUnchanged(stored, scan)
  if (base === undefined) return { state: 'modified', uncached: true, outdated, changes: [], failures: [] }
  const changes = [...compareSections(base.decoded.sections, scan.sections)]
  const same = changes.length === 0 && sameFolders(base, scan)
  if (same) noteStats(indexPath, scan, root, known?.decoded.seed, place)
  return { state: same ? 'ok' : 'modified', uncached, outdated, changes, failures: [] }
}

function fromCache(root: Uint8Array, files: number | undefined, cache: Cache): KnownIndex | undefined {
  try {
    return shareIndex(indexFromTree(root, cache.readNode, { files }))
  } catch (error) {
    if (isArtError(error, 'NOT_CACHED')) return undefined
    throw error
  }
}

let scans = 0

async function scanNow(
  repo: Repo,
  { absolutePath, path, pointer }: Directory,
  known: KnownIndex | undefined,
  hashNew: boolean,
  place: StatePlace,
): Promise<Scan> {
  const pool = await place.pool({ files: Math.max(known?.decoded.files ?? 0, pointer.files ?? 0) })
  const session = `state-${scans++}`
  await pool.each('beginScan', {
    session,
    layout: place.cache.layout,
    packs: place.cache.packs.state,
    store: false,
  })
  try {
    const ignores = await loadArtIgnore(repo, path)
    return await scanDirectory(absolutePath, { ...place, pool, session, known, hashNew, ignores })
  } finally {
    await pool.each('endScan', { session, abandon: true })
  }
}

function isUnchanged(stored: KnownIndex, scan: Scan): boolean {
  return compareSections(stored.decoded.sections, scan.sections).next().done === true && sameFolders(stored, scan)
}

/** Files can be equal while an empty folder came or went. */
function sameFolders(base: KnownIndex, scan: Scan): boolean {
  const folders = new Set(base.decoded.sections.map((section) => section.path))
  return folders.size === scan.sections.length && scan.sections.every((section) => folders.has(section.path))
}

function noteStats(
  path: string,
  scan: Scan,
  root: Uint8Array,
  seed: bigint | undefined,
  { trustedBefore }: StatePlace,
): void {
  const { sections, root: tree } = buildTree(
    scan.sections,
    () => true,
    () => undefined,
  )
  saveIndex(path, { root, files: tree.files, bytes: tree.size, sections, seed }, trustedBefore)
}
