import { ArtError, type CallOptions, type ErrorDetail, fromSystemError } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { Progress } from '@art/core/progress.ts'
import { encodeRecipe } from '@art/core/recipe/recipe.ts'
import type { Pool } from '@art/core/worker/pool.ts'
import { readCondemned } from '../layout/condemned.ts'
import { isDamage } from '../layout/damage.ts'
import { openRemote } from '../layout/descriptor.ts'
import { newRecipeKey, newRootKey, packKey } from '../layout/keys.ts'
import { encodeRoot } from '../layout/root.ts'
import type { ObjectStore } from '../object-store.ts'
import { KnownPacks } from './known-packs.ts'
import { mapParallel } from './parallel.ts'
import { findAbsent } from './presence.ts'
import { missingInCache } from './missing.ts'
import { readRecipes } from './recipes.ts'
import type { ReliedPack } from './slots.ts'
import { type Target, targetKey } from './target.ts'
import { upload } from './upload.ts'

export interface PushContext extends CallOptions {
  store: ObjectStore
  cache: Cache
  pool: Pool
  compress: boolean
  /** Random id of the repository, shared by its copies. */
  repo: string
  /** 16 hex digits for the place that the repository is cloned from. */
  site: string
  commits: string[]
  /** Contents that probably share chunks with a target; asked for only where something has to be sent. */
  relatives?: (target: Target) => Promise<Pick<Target, 'kind' | 'oid'>[]>
  /** Told which contents are about to be sent: now they are read anyway. */
  onSending?: (targets: readonly Target[]) => void
}

export interface PushReport {
  /** Raw bytes of chunks that the remote lacked, and how many bytes hold them there. */
  new: number
  stored: number
  /** Bytes of all objects that were sent. */
  transferred: number
  /** Targets that were not there before. */
  sent: Target[]
  /** What neither the remote nor the cache has. Nothing of a target with such content is published. */
  missing: ErrorDetail[]
  /** Targets whose trees cannot be read, and why. Nothing of them is published. */
  unreadable: { target: Target; error: ArtError }[]
}

/** What a push relies on for one target. */
interface Relied {
  target: Target
  recipe: Published
  packs: ReliedPack[]
}

interface Published {
  key: string
  size: number
}

const ROUNDS = 3

/**
 * Publishes targets: REMOTE.md's seven steps. When it returns without `missing`, another machine can rebuild every byte, now and
 * after any gc. Fails with `REMOTE_REFUSED` where a gc condemns what was sent three times over.
 */
export async function push(targets: readonly Target[], context: PushContext): Promise<PushReport> {
  const { store } = context
  const looking = new Progress('check', context)
  looking.remains(targets.length)
  const known = new KnownPacks(context.cache.layout.tables, store.url)
  await openRemote(store, 'write', { ...context, remembered: known.remembered })
  const report: PushReport = { new: 0, stored: 0, transferred: 0, sent: [], missing: [], unreadable: [] }
  const condemned = await readCondemned(store, context)
  const relied = new Map<string, Relied>()
  const adopted = await mapParallel(targets, async (target) => {
    const found = await adopt(target, condemned, context)
    looking.done(1, 0)
    return found
  })
  const lacking: Target[] = []
  for (const [i, target] of targets.entries()) {
    const found = adopted[i]
    if (found !== undefined) relied.set(targetKey(target), found)
    else lacking.push(target)
  }
  const sendable = onlyComplete(lacking, context.cache, report)
  await send(sendable, known, condemned, relied, report, context)
  report.sent.push(...sendable)
  if (relied.size > 0) {
    await settle(relied, await publishRoot(relied, report, context), known, report, context)
  }
  return report
}

/** An existing recipe that nobody has condemned, nor any of its packs. Whether all is there is checked at the end. */
async function adopt(
  target: Target,
  condemned: ReadonlySet<string>,
  context: PushContext,
): Promise<Relied | undefined> {
  for await (const { key, size, recipe } of readRecipes(context.store, target, context)) {
    if (condemned.has(key) || recipe.packs.some(({ name }) => condemned.has(packKey(name)))) continue
    return { target, recipe: { key, size }, packs: recipe.packs }
  }
  return undefined
}

function onlyComplete(targets: readonly Target[], cache: Cache, report: PushReport): Target[] {
  return targets.filter((target) => {
    try {
      const missing = missingInCache(target, cache)
      for (const { path } of missing) report.missing.push({ path, message: 'neither in the cache nor on the remote' })
      return missing.length === 0
    } catch (error) {
      if (!isDamage(error)) throw error
      report.unreadable.push({ target, error: fromSystemError(error, target.path) })
      return false
    }
  })
}

async function send(
  targets: readonly Target[],
  known: KnownPacks,
  condemned: ReadonlySet<string>,
  relied: Map<string, Relied>,
  report: PushReport,
  context: PushContext,
): Promise<void> {
  if (targets.length === 0) return
  const { store } = context
  context.onSending?.(targets)
  known.loadAll()
  await learnFromRelatives(targets, known, context)
  for (const pack of known.packs) if (condemned.has(packKey(pack.name))) known.forget(pack)
  const { uploaded, bytes } = await upload(targets, { ...context, known })
  await mapParallel(uploaded, async ({ target, size, packs, runs }) => {
    const key = newRecipeKey(target.kind, target.oid)
    const recipe = encodeRecipe({ kind: target.kind, oid: target.oid, size, packs, runs })
    await store.put(key, recipe, context)
    relied.set(targetKey(target), { target, recipe: { key, size: recipe.length }, packs })
    report.transferred += recipe.length
  })
  report.new += bytes.new
  report.stored += bytes.stored
  report.transferred += bytes.stored
}

/** Recipes of relatives that are asked for, over all targets. */
const MAX_RELATIVES = 16

/** Tables of packs that hold earlier versions: their chunks need no upload. What cannot be learnt only costs bytes. */
async function learnFromRelatives(targets: readonly Target[], known: KnownPacks, context: PushContext): Promise<void> {
  const here = new Set(known.packs.map(({ name }) => name))
  const { relatives: ask } = context
  if (ask === undefined) return
  const relatives = (await mapParallel(targets.slice(0, MAX_RELATIVES), ask)).flat().slice(0, MAX_RELATIVES)
  await mapParallel(relatives, async (relative) => {
    for await (const { recipe } of readRecipes(context.store, relative, context)) {
      const unknown = recipe.packs.filter(({ name }) => !here.has(name))
      await mapParallel(unknown, (pack) => known.table(context.store, pack, context).catch(() => undefined))
      return
    }
  })
}

async function publishRoot(
  relied: ReadonlyMap<string, Relied>,
  report: PushReport,
  context: PushContext,
): Promise<Published> {
  const { store, repo, site, commits } = context
  const needs = [...relied.values()].map(({ target: { kind, oid } }) => ({ kind, oid }))
  const key = newRootKey(repo, site)
  const root = encodeRoot({ commits, needs, includes: [] })
  await store.put(key, root, context)
  report.transferred += root.length
  return { key, size: root.length }
}

/**
 * Only now are the condemned lists read: a gc publishes its list before it reads the roots, so one of the two sees the other. What is
 * condemned or absent is sent again under new names.
 */
async function settle(
  relied: Map<string, Relied>,
  root: Published,
  known: KnownPacks,
  report: PushReport,
  context: PushContext,
): Promise<void> {
  const { store } = context
  for (let round = 0; ; round++) {
    let condemned = await readCondemned(store, context)
    const lost = await findAbsent(store, wantedObjects(relied).set(root.key, root.size), context)
    // What is gone and was on no list is on one that came since: what else that names is not to be relied on either.
    if ([...lost].some((key) => !condemned.has(key))) condemned = await readCondemned(store, context)
    for (const key of condemned) lost.add(key)
    const broken = [...relied.values()].filter(
      ({ recipe, packs }) => lost.has(recipe.key) || packs.some(({ name }) => lost.has(packKey(name))),
    )
    if (broken.length === 0 && !lost.has(root.key)) return
    if (round === ROUNDS) throw unsettled(store.url, broken)
    for (const { target, packs } of broken) {
      relied.delete(targetKey(target))
      for (const pack of packs) if (lost.has(packKey(pack.name))) known.forget(pack)
    }
    const again = onlyComplete(
      broken.map(({ target }) => target),
      context.cache,
      report,
    )
    await send(again, known, condemned, relied, report, context)
    if (relied.size === 0) return
    root = await publishRoot(relied, report, context)
  }
}

function wantedObjects(relied: ReadonlyMap<string, Relied>): Map<string, number> {
  const wanted = new Map<string, number>()
  for (const { recipe, packs } of relied.values()) {
    wanted.set(recipe.key, recipe.size)
    for (const { name, size } of packs) wanted.set(packKey(name), size)
  }
  return wanted
}

function unsettled(url: string, broken: readonly Relied[]): ArtError {
  return new ArtError('REMOTE_REFUSED', 'what was sent keeps being collected from the remote', {
    path: url,
    hint: 'Wait until the gc that is running there is done, then push again.',
    retryable: true,
    details: broken.map(({ target }) => ({ path: target.path, message: target.oid })),
  })
}
