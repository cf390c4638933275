import { ArtError, type CallOptions, type ErrorDetail, fromSystemError, isArtError } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { ensureCache, randomName } from '@art/core/cache/layout.ts'
import { PackWriter } from '@art/core/cache/pack-writer.ts'
import { syncFolder } from '@art/core/fs/whole.ts'
import type { SeedCopy } from '@art/core/unpacking/seeds.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { openRemote } from '../layout/descriptor.ts'
import type { ObjectStore } from '../object-store.ts'
import { download } from './download.ts'
import { KnownPacks } from './known-packs.ts'
import { type FileNeed, Needs } from './needs.ts'
import { planTarget } from './plan-fetch.ts'
import { mapParallel } from './presence.ts'
import { readRecipes } from './recipes.ts'
import { Seeds } from './seeds.ts'
import { ChunkSequence } from './sequence.ts'
import type { Target } from './target.ts'
import { missingInCache } from './upload.ts'

export interface FetchContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  /** Started only where something has to be fetched. */
  pool: () => Promise<Pool>
  /** Contents that probably share chunks with a target: what the cache has of them need not travel. */
  relatives?: (target: Target) => Promise<Pick<Target, 'kind' | 'oid' | 'size'>[]>
}

export interface FetchReport {
  /** Raw bytes of chunks that the cache lacked. */
  new: number
  /** Bytes that were read from the remote. */
  transferred: number
  fetched: Target[]
  /** What could not be had, each by name. */
  missing: ErrorDetail[]
}

/** Brings targets into the cache; every content is checked against its oid before it enters. The remote is only read. */
export async function fetch(targets: readonly Target[], context: FetchContext): Promise<FetchReport> {
  const { store, cache } = context
  const report: FetchReport = { new: 0, transferred: 0, fetched: [], missing: [] }
  const wanted = targets.filter((target) => missingInCache(target, cache).length > 0)
  if (wanted.length === 0) return report
  await openRemote(store, 'read', context)
  ensureCache(cache.layout)
  const known = new KnownPacks(cache.layout.tables, store.url)
  const writer = new PackWriter(cache.layout)
  const needs = new Needs()
  const files = new Map<string, FileNeed>()
  const keep = (id: Uint8Array, bytes: Uint8Array): void => {
    if (!cache.packs.has(id) && !writer.has(id)) writer.append(id, bytes)
  }
  const found = await mapParallel(wanted, (target) => openSequence(target, known, context))
  for (const [i, target] of wanted.entries()) {
    const outcome = found[i]!
    if (outcome instanceof ArtError) {
      report.missing.push({ path: target.path, message: outcome.message })
      continue
    }
    const planned = await planTarget(target, outcome, { ...context, needs, keep, files })
    report.transferred += planned.transferred
  }
  const copies = await seedCopies(wanted, [...files.values()], needs, known, context)
  const got = await download(needs.packs, [...files.values()], copies, randomName(), {
    ...context,
    pool: await context.pool(),
    memory: [],
    keep,
  })
  await writer.finish()
  syncFolder(cache.layout.packs)
  cache.reload()
  report.new = got.new
  report.transferred += got.transferred
  for (const target of wanted) {
    const missing = missingInCache(target, cache)
    if (missing.length === 0) report.fetched.push(target)
    else if (!report.missing.some(({ path }) => path === target.path)) {
      const reasons = new Map(got.failures.map(({ path, message }) => [path, message]))
      for (const { path, oid } of missing) report.missing.push({ path, message: reasons.get(path) ?? `${oid} could not be fetched` })
    }
  }
  return report
}

/** What of large files can be copied from their relatives in the cache. */
async function seedCopies(
  targets: readonly Target[],
  files: readonly FileNeed[],
  needs: Needs,
  known: KnownPacks,
  context: FetchContext,
): Promise<Map<FileNeed, SeedCopy[]>> {
  const seeds = new Seeds()
  for (const { oid } of files) {
    const target = targets.find((one) => one.kind === 'f' && one.oid === oid)
    const relatives = target === undefined ? [] : ((await context.relatives?.(target)) ?? [])
    for (const relative of relatives) if (relative.kind === 'f') await seeds.learn(relative, context.cache, known, context.store, context)
  }
  return seeds.take(needs.packs)
}

/** A recipe of the target that can be read, with the tables of its packs; the reason where there is none. */
async function openSequence(target: Target, known: KnownPacks, context: FetchContext): Promise<ChunkSequence | ArtError> {
  const { store } = context
  let reason = new ArtError('MISSING_OBJECTS', 'not on the remote', { path: target.path })
  for (let attempt = 0; attempt < 2; attempt++) {
    for await (const { recipe } of readRecipes(store, target, context)) {
      try {
        return await ChunkSequence.open(recipe, known, store, context)
      } catch (error) {
        if (!isArtError(error, 'NOT_FOUND') && !isArtError(error, 'REMOTE_DAMAGED') && !isArtError(error, 'CORRUPT')) throw error
        reason = fromSystemError(error)
      }
    }
    // A compaction may have put another recipe meanwhile.
    if (reason.code === 'MISSING_OBJECTS') break
  }
  return reason
}

