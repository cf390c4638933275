import { type CallOptions, isArtError } from '@art/core'
import type { Cache } from '@art/core/cache/cache.ts'
import { ensureCache } from '@art/core/cache/layout.ts'
import { ENTRY_BYTES } from '@art/core/pack/layout.ts'
import { RECIPE_BYTES_MAX } from '@art/core/recipe/layout.ts'
import { encodeRecipe } from '@art/core/recipe/recipe.ts'
import { type Block, makeBlock, type Share, ShareCounter } from '@art/core/usage/shares.ts'
import { openRemote } from '../layout/descriptor.ts'
import { packKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import type { RemoteState } from './inspect.ts'
import { KnownPacks } from './known-packs.ts'
import { openSequence } from './open-sequence.ts'
import { inOrder } from './parallel.ts'
import { findAbsent } from './presence.ts'
import { Refuted } from './refuted.ts'
import type { ChunkSequence } from './sequence.ts'
import { type Target, targetKey } from './target.ts'

export interface RemoteShare extends Share {
  /** Of each target of the group. */
  states: RemoteState[]
}

export interface RemoteUsage {
  groups: RemoteShare[]
  /** What the first so many groups use together, each byte once: `stored[0]` is 0. */
  stored: number[]
}

export interface RemoteUsageContext extends CallOptions {
  store: ObjectStore
  /** Where tables of packs are kept. */
  cache: Cache
}

/**
 * What groups of contents take of a remote: stored bytes of chunks with their lines in the tables, and recipes; of a content that has several, the one that is
 * followed. Only reads, recipes and tables of packs that this machine does not know: no content. Memory: 12 bytes for each chunk of the packs.
 */
export async function remoteUsage(
  groups: readonly (readonly Target[])[],
  context: RemoteUsageContext,
): Promise<RemoteUsage> {
  const { store, cache } = context
  try {
    await openRemote(store, 'read', context)
  } catch (error) {
    if (isArtError(error, 'REMOTE_NOT_FOUND')) return nothing(groups)
    throw error
  }
  ensureCache(cache.layout)
  const open = opener(groups, context)
  const counter = new ShareCounter(groups.length)
  const blocks = new Map<string, Block>()
  const recipes = new Map<string, Block>()
  const packs = new Map<string, number>()
  const found: { keys: string[]; followed: boolean; hadRecipe: boolean }[][] = groups.map(() => [])
  const stored = [0]
  const all = groups.flatMap((targets, group) => targets.map((target) => ({ target, group })))
  for await (const [{ target, group }, { sequence, hadRecipe }] of inOrder(all, (one) => open(one.target))) {
    while (stored.length <= group) stored.push(counter.stored)
    const names = sequence?.recipe.packs ?? []
    found[group]!.push({ keys: names.map(({ name }) => packKey(name)), followed: sequence !== undefined, hadRecipe })
    if (sequence === undefined) continue
    for (const { name, size } of names) packs.set(packKey(name), size)
    useChunks(counter, group, sequence, blocks)
    const key = targetKey(target)
    const recipe = recipes.get(key) ?? recipeBlock(sequence)
    recipes.set(key, recipe)
    counter.use(group, recipe, 0)
  }
  while (stored.length <= groups.length) stored.push(counter.stored)
  const absent = await findAbsent(store, packs, context)
  const stateOf = ({ keys, followed, hadRecipe }: (typeof found)[number][number]): RemoteState =>
    followed && keys.every((key) => !absent.has(key)) ? 'ok' : hadRecipe ? 'incomplete' : 'missing'
  return { groups: found.map((some, i) => ({ ...counter.shareOf(i), states: some.map(stateOf) })), stored }
}

function nothing(groups: readonly (readonly Target[])[]): RemoteUsage {
  const shares = groups.map((targets) => ({ unique: 0, shared: 0, states: targets.map(() => 'missing' as const) }))
  return { groups: shares, stored: [0, ...groups.map(() => 0)] }
}

interface Sequenced {
  sequence: ChunkSequence | undefined
  hadRecipe: boolean
}

/** A content that several groups have is looked for once, so that all of them follow the same recipe. */
function opener(
  groups: readonly (readonly Target[])[],
  context: RemoteUsageContext,
): (target: Target) => Promise<Sequenced> {
  const known = new KnownPacks(context.cache.layout.tables, context.store.url)
  const times = new Map<string, number>()
  for (const target of groups.flat()) times.set(targetKey(target), (times.get(targetKey(target)) ?? 0) + 1)
  const opened = new Map<string, Promise<Sequenced>>()
  const open = async (target: Target): Promise<Sequenced> => {
    const refuted = new Refuted()
    const found = await openSequence(target, { ...context, known, refuted, most: RECIPE_BYTES_MAX })
    const sequence = found === undefined || found === 'large' ? undefined : found.sequence
    return { sequence, hadRecipe: sequence !== undefined || refuted.reasonOf(target) !== undefined }
  }
  return (target) => {
    const key = targetKey(target)
    if (times.get(key) === 1) return open(target)
    const before = opened.get(key) ?? open(target)
    opened.set(key, before)
    return before
  }
}

function useChunks(counter: ShareCounter, group: number, sequence: ChunkSequence, blocks: Map<string, Block>): void {
  for (let i = 0; i < sequence.count; i++) {
    const { pack, table, entry } = sequence.place(i)
    let block = blocks.get(pack.name)
    if (block === undefined) {
      const sizes = Uint32Array.from({ length: table.count }, (_, one) => table.storedLength(one) + ENTRY_BYTES)
      blocks.set(pack.name, (block = makeBlock(table.count, (one) => sizes[one]!)))
    }
    counter.use(group, block, entry)
  }
}

function recipeBlock({ recipe }: ChunkSequence): Block {
  const { length } = encodeRecipe(recipe)
  return makeBlock(1, () => length)
}
