import { join } from 'node:path'
import type { Cache } from '../cache/cache.ts'
import { ensureCache, randomName } from '../cache/layout.ts'
import { PackWriter } from '../cache/pack-writer.ts'
import { ArtError } from '../error.ts'
import type { CallOptions } from '../event.ts'
import { syncFolder } from '../fs/whole.ts'
import { flag } from '../index/record.ts'
import { randomSeed } from '../index/seed.ts'
import { childPath, type FolderTree, type Section } from '../index/section.ts'
import { fromHex } from '../oid.ts'
import type { Pool } from '../worker/pool.ts'
import { buildTree } from './build-tree.ts'
import type { KnownIndex } from '../index/store.ts'
import { refuseUnreadable } from './readable.ts'
import { type ScannedSection, scanDirectory } from './scan.ts'

export interface StoreDirectoryOptions extends CallOptions {
  cache: Cache
  pool: Pool
  known?: KnownIndex | undefined
  trustedBefore: number
  dereference?: boolean
  ignores?: ((path: string, isFolder: boolean) => boolean) | undefined
}

export interface StoredDirectory {
  root: FolderTree
  sections: Section[]
  /** Of the xxh64 in the records of large files. */
  seed: bigint
}

/** Puts a directory into the cache: what the cache lacks is read once, the rest costs one `lstat` a file. */
export async function storeDirectory(directory: string, options: StoreDirectoryOptions): Promise<StoredDirectory> {
  const { cache } = options
  ensureCache(cache.layout)
  const seed = options.known?.decoded.seed || randomSeed()
  const scanned = await storeFiles(directory, seed, options)
  const nodes = new PackWriter(cache.layout)
  try {
    const stored = buildTree(
      scanned,
      (oid, entries) => cache.hasFolder(oid, entries),
      (oid, bytes) => {
        if (!nodes.has(oid) && !cache.holds(oid, bytes)) nodes.append(oid, bytes)
      },
    )
    refuseUnreadable(directory, stored.sections)
    await nodes.finish()
    syncFolder(cache.layout.packs)
    return { ...stored, seed }
  } finally {
    await nodes.abandon()
    cache.reload()
  }
}

/** The tree that `storeDirectory` would make, without storing anything. */
export async function hashDirectory(directory: string, options: StoreDirectoryOptions): Promise<FolderTree> {
  const { cache, pool } = options
  const session = randomName()
  await pool.each('beginScan', { session, layout: cache.layout, packs: cache.packs.state, store: false })
  try {
    const { sections, failures } = await scanDirectory(directory, { ...options, session, hashNew: true })
    refuse(directory, failures)
    return buildTree(
      sections,
      () => false,
      () => undefined,
    ).root
  } finally {
    await pool.each('endScan', { session, abandon: true })
  }
}

async function storeFiles(directory: string, seed: bigint, options: StoreDirectoryOptions): Promise<ScannedSection[]> {
  const { cache, pool } = options
  const session = randomName()
  await pool.each('beginScan', { session, layout: cache.layout, packs: cache.packs.state, store: true })
  try {
    const { sections, failures } = await scanDirectory(directory, { ...options, session })
    refuse(directory, failures)
    await storePending(directory, sections, seed, options)
    await pool.each('endScan', { session, abandon: false })
    return sections
  } finally {
    await pool.each('endScan', { session, abandon: true })
  }
}

function refuse(directory: string, failures: ArtError[]): void {
  const [first] = failures
  if (first === undefined) return
  if (failures.length === 1) throw first
  throw new ArtError(first.code, `${failures.length} entries cannot be added`, {
    path: directory,
    hint: first.hint,
    cause: first,
    details: failures.map((failure) => ({ path: failure.path ?? directory, message: failure.message })),
  })
}

/** Stores the large files that the slices left for later, one on each worker. */
async function storePending(
  directory: string,
  sections: ScannedSection[],
  seed: bigint,
  options: StoreDirectoryOptions,
): Promise<void> {
  const { pool, cache } = options
  const waiting: { section: ScannedSection; i: number }[] = []
  for (const section of sections) {
    if (section.same) continue
    for (let i = 0; i < section.names.length; i++) {
      if (section.records.flags(i) & flag.pending) waiting.push({ section, i })
    }
  }
  const storeNext = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      options.signal?.throwIfAborted()
      const { section, i } = next
      const path = join(directory, childPath(section.path, section.names[i]!))
      const follow = options.dereference ?? false
      const stored = await pool.run('storeLarge', { layout: cache.layout, path, follow, seed })
      section.records.setOid(i, fromHex(stored.oid))
      section.records.setSize(i, stored.size)
      section.records.setQuickHash(i, stored.quickHash)
      section.records.setFlags(i, section.records.flags(i) & ~flag.pending)
    }
  }
  const working = Array.from({ length: pool.size }, storeNext)
  for (const work of working) work.catch(() => waiting.splice(0))
  const [failed] = (await Promise.allSettled(working)).filter((work) => work.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
