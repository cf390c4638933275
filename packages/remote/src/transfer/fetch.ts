import { type CallOptions, type ErrorDetail, fromSystemError, isArtError } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { ensureCache, randomName } from '@art/core/cache/layout.ts'
import { PackWriter } from '@art/core/cache/pack-writer.ts'
import { syncFolder } from '@art/core/fs/whole.ts'
import { RECIPE_BYTES_MAX } from '@art/core/recipe/layout.ts'
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
import { type Followed, type Opened, openSequence } from './open-sequence.ts'
import { planTarget } from './plan-fetch.ts'
import { inOrder } from './parallel.ts'
import { Refuted } from './refuted.ts'
import { type Relative, Seeds } from './seeds.ts'
import type { Target } from './target.ts'
import { missingInCache } from './missing.ts'

export interface FetchContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  /** Started only where something has to be fetched. */
  pool: () => Promise<Pool>
  /** Contents that probably share chunks with a target: what the cache has of them need not travel. */
  relatives?: (target: Target) => Promise<Relative[]>
  /** Contents of several chunks that are planned before they are downloaded; by default a hundred thousand. */
  portion?: number
}

export interface FetchReport {
  /** Raw bytes of chunks that the cache lacked. */
  new: number
  /** Bytes that were read from the remote. */
  transferred: number
  fetched: Target[]
  /** Of which something could not be had. */
  incomplete: Target[]
  /** What could not be had, each by name. */
  missing: ErrorDetail[]
}

/** Bounds what a remote whose recipes keep changing can cost. */
const ROUNDS = 16

/** Brings targets into the cache; every content is checked against its oid before it enters. The remote is only read. */
export async function fetch(targets: readonly Target[], context: FetchContext): Promise<FetchReport> {
  const { store, cache } = context
  const report: FetchReport = { new: 0, transferred: 0, fetched: [], incomplete: [], missing: [] }
  const refuted = new Refuted()
  const wanted = targets.filter((target) => lacking(target, cache, refuted).length > 0)
  if (wanted.length === 0) return report
  context.onEvent?.({ type: 'phase', phase: 'check' })
  await openRemote(store, 'read', context)
  ensureCache(cache.layout)
  const run = new Fetch(context, report, refuted)
  let left: { target: Target; missing: { path: string; oid: string }[] }[] = wanted.map((target) => ({
    target,
    missing: [],
  }))
  for (let round = 0, size = -1; left.length > 0 && round < ROUNDS && run.refuted.size > size; round++) {
    size = run.refuted.size
    await run.bring(left.map(({ target }) => target))
    left = left
      .map(({ target }) => ({ target, missing: lacking(target, cache, refuted) }))
      .filter(({ missing }) => missing.length > 0)
  }
  for (const { target, missing } of left) report.missing.push(...run.name(target, missing))
  report.incomplete = left.map(({ target }) => target)
  report.fetched = wanted.filter((target) => !report.incomplete.includes(target))
  return report
}

/** What the cache lacks of a target: all of it where its tree is none that can be used, which must not keep the others from coming. */
function lacking(target: Target, cache: Cache, refuted: Refuted): ReturnType<typeof missingInCache> {
  try {
    return missingInCache(target, cache)
  } catch (error) {
    if (!isDamage(error)) throw error
    cache.reload()
    refuted.tree(target, fromSystemError(error))
    return [{ path: target.path, oid: target.oid }]
  }
}

/** Recipes that are followed one after the other may be read ahead of their turn up to this size; most are far smaller. */
const AHEAD_BYTES = 256 << 10

/** What is planned together, and then downloaded together. */
interface Portion {
  targets: Target[]
  needs: Needs
  /** What is put together in a file, by oid. */
  files: Map<string, FileNeed>
  writer: PackWriter
  keep: Keep
}

class Fetch {
  readonly refuted: Refuted
  readonly #context: FetchContext
  readonly #report: FetchReport
  readonly #known: KnownPacks
  readonly #seeds: Seeds
  #portion: Portion
  /** Targets of which a recipe could be followed. */
  readonly #begun = new Set<Target>()

  constructor(context: FetchContext, report: FetchReport, refuted: Refuted) {
    this.refuted = refuted
    this.#context = context
    this.#report = report
    this.#known = new KnownPacks(context.cache.layout.tables, context.store.url)
    this.#seeds = new Seeds(this.#known, context)
    this.#portion = this.#newPortion()
  }

  /** Brings what one recipe of each target gives, and notes what was of no use. */
  async bring(targets: readonly Target[]): Promise<void> {
    try {
      const looking = new Progress('check', this.#context)
      looking.remains(targets.length)
      const open = async (target: Target): Promise<Opened> => {
        const opened = await this.#open(target, AHEAD_BYTES)
        looking.done(1, 0)
        return opened
      }
      for await (const [target, opened] of inOrder(targets, open)) {
        const followed = opened === 'large' ? await this.#open(target, RECIPE_BYTES_MAX) : opened
        if (followed !== undefined && followed !== 'large') await this.#plan(target, followed)
        if (this.#portion.needs.isFull) await this.#settle()
      }
      await this.#settle()
    } finally {
      await this.#portion.writer.abandon()
    }
  }

  #open(target: Target, most: number): Promise<Opened> {
    return openSequence(target, { ...this.#context, known: this.#known, refuted: this.refuted, most })
  }

  #newPortion(targets: Target[] = []): Portion {
    const { cache } = this.#context
    const writer = new PackWriter(cache.layout)
    const keep: Keep = (id, bytes) => {
      if (!cache.packs.has(id) && !writer.has(id)) writer.append(id, bytes)
    }
    const needs = new Needs((pack) => this.#known.tableAgain(pack), this.#context.portion)
    return { targets, needs, files: new Map(), writer, keep }
  }

  /** Fetches what is planned so far. What is planned next may go on with the last of its targets. */
  async #settle(): Promise<void> {
    const { cache } = this.#context
    const { writer, targets } = this.#portion
    await this.#download(this.#portion)
    await writer.finish()
    this.#portion = this.#newPortion(targets.slice(-1))
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

  async #plan(target: Target, { key, sequence }: Followed): Promise<void> {
    const portion = (): Portion => this.#portion
    portion().targets.push(target)
    const context = {
      ...this.#context,
      get needs() {
        return portion().needs
      },
      get files() {
        return portion().files
      },
      keep: (id: Uint8Array, bytes: Uint8Array) => portion().keep(id, bytes),
      settle: () => this.#settle(),
      recipe: key,
    }
    try {
      const { transferred } = await planTarget(target, sequence, context)
      this.#report.transferred += transferred
      this.#begun.add(target)
    } catch (error) {
      if (!isArtError(error, 'NOT_FOUND') && !isDamage(error)) throw error
      this.refuted.recipe(target, key, fromSystemError(error))
    }
  }

  async #download(portion: Portion): Promise<void> {
    const { needs, files, keep } = portion
    if (needs.packs.length === 0) return
    const copies = await this.#copies(portion)
    const pool = await this.#context.pool()
    const context = { ...this.#context, pool, memory: [], keep }
    const got = await download(needs.packs, [...files.values()], copies, randomName(), context)
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

  /** What can be copied from older versions in the cache, unless that has led astray before. */
  async #copies({ targets, needs, files }: Portion): Promise<Map<FileNeed, SeedCopy[]>> {
    if (this.refuted.seeds.size > 0 || !needs.hasSeveral) return new Map()
    await this.#seeds.learnFor(targets)
    return this.#seeds.take(needs.packs, files)
  }
}
