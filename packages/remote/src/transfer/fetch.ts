import { type CallOptions, type ErrorDetail, fromSystemError, isArtError } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { ensureCache, randomName } from '@art/core/cache/layout.ts'
import { PackWriter } from '@art/core/cache/pack-writer.ts'
import { syncFolder } from '@art/core/fs/whole.ts'
import { Progress } from '@art/core/progress.ts'
import type { SeedCopy } from '@art/core/unpacking/seeds.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { isDamage } from '../layout/damage.ts'
import { openRemote } from '../layout/descriptor.ts'
import type { ObjectStore } from '../object-store.ts'
import type { Keep } from './assembly.ts'
import { download } from './download.ts'
import { KnownPacks } from './known-packs.ts'
import { type FileNeed, Needs } from './needs.ts'
import { type PlanContext, planTarget } from './plan-fetch.ts'
import { type Followed, openSequence } from './open-sequence.ts'
import { mapParallel } from './presence.ts'
import { Refuted } from './refuted.ts'
import { type Relatives, Seeds } from './seeds.ts'
import type { Target } from './target.ts'
import { missingInCache } from './missing.ts'

export interface FetchContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  /** Started only where something has to be fetched. */
  pool: () => Promise<Pool>
  relatives?: Relatives
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

/** Bounds what a remote whose recipes keep changing can cost. */
const ROUNDS = 16

/** Brings targets into the cache; every content is checked against its oid before it enters. The remote is only read. */
export async function fetch(targets: readonly Target[], context: FetchContext): Promise<FetchReport> {
  const { store, cache } = context
  const report: FetchReport = { new: 0, transferred: 0, fetched: [], missing: [] }
  const wanted = targets.filter((target) => missingInCache(target, cache).length > 0)
  if (wanted.length === 0) return report
  await openRemote(store, 'read', context)
  ensureCache(cache.layout)
  const run = new Fetch(context, report)
  let left: { target: Target; missing: { path: string; oid: string }[] }[] = wanted.map((target) => ({
    target,
    missing: [],
  }))
  for (let round = 0, size = -1; left.length > 0 && round < ROUNDS && run.refuted.size > size; round++) {
    size = run.refuted.size
    await run.bring(left.map(({ target }) => target))
    left = left
      .map(({ target }) => ({ target, missing: missingInCache(target, cache) }))
      .filter(({ missing }) => missing.length > 0)
  }
  for (const { target, missing } of left) report.missing.push(...run.name(target, missing))
  report.fetched = wanted.filter((target) => !left.some((one) => one.target === target))
  return report
}

class Fetch {
  readonly refuted = new Refuted()
  readonly #context: FetchContext
  readonly #report: FetchReport
  readonly #known: KnownPacks
  /** Targets of which a recipe could be followed. */
  readonly #begun = new Set<Target>()

  constructor(context: FetchContext, report: FetchReport) {
    this.#context = context
    this.#report = report
    this.#known = new KnownPacks(context.cache.layout.tables, context.store.url)
  }

  /** Brings what one recipe of each target gives, and notes what was of no use. */
  async bring(targets: readonly Target[]): Promise<void> {
    const { cache } = this.#context
    const writer = new PackWriter(cache.layout)
    const keep: Keep = (id, bytes) => {
      if (!cache.packs.has(id) && !writer.has(id)) writer.append(id, bytes)
    }
    try {
      const needs = new Needs()
      const files = new Map<string, FileNeed>()
      const looking = new Progress('check', this.#context)
      looking.remains(targets.length)
      const found = await mapParallel(targets, async (target) => {
        const followed = await openSequence(target, this.#known, this.refuted, this.#context)
        looking.done(1, 0)
        return followed
      })
      for (const [i, target] of targets.entries()) {
        const followed = found[i]
        if (followed !== undefined)
          await this.#plan(target, followed, { ...this.#context, needs, keep, files, recipe: followed.key })
      }
      await this.#download(targets, needs, [...files.values()], keep)
      await writer.finish()
    } finally {
      await writer.abandon()
    }
    syncFolder(cache.layout.packs)
    cache.reload()
  }

  /** What is missing of a target, with the reason; the target alone where nothing of it could be begun. */
  name(target: Target, missing: readonly { path: string; oid: string }[]): ErrorDetail[] {
    const { path } = target
    if (!this.#begun.has(target)) return [{ path, message: this.refuted.reasonOf(target) ?? 'not on the remote' }]
    return missing.map((one) => ({
      path: one.path,
      message: this.refuted.reasonOf(target, one.oid) ?? `${one.oid} could not be fetched`,
    }))
  }

  async #plan(target: Target, { key, sequence }: Followed, context: PlanContext): Promise<void> {
    try {
      const { transferred } = await planTarget(target, sequence, context)
      this.#report.transferred += transferred
      this.#begun.add(target)
    } catch (error) {
      if (!isArtError(error, 'NOT_FOUND') && !isDamage(error)) throw error
      this.refuted.recipe(target, key, fromSystemError(error))
    }
  }

  async #download(targets: readonly Target[], needs: Needs, files: readonly FileNeed[], keep: Keep): Promise<void> {
    if (needs.packs.length === 0) return
    const trusted = this.refuted.seeds.size === 0
    const copies = trusted
      ? await seedCopies(targets, files, needs, this.#known, this.#context)
      : new Map<FileNeed, SeedCopy[]>()
    const pool = await this.#context.pool()
    const got = await download(needs.packs, files, copies, randomName(), { ...this.#context, pool, memory: [], keep })
    this.#report.new += got.new
    this.#report.transferred += got.transferred
    this.refuted.contents(got.failures)
    for (const pack of got.damaged) {
      this.refuted.pack(pack)
      this.#known.forget(pack)
    }
    for (const file of got.mismatched) {
      if (copies.has(file)) this.refuted.seeds.add(file.oid)
      else this.refuted.recipes.add(file.recipe)
    }
  }
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
    if (target !== undefined) await seeds.learnRelatives(target, known, context)
  }
  return seeds.take(needs.packs)
}
