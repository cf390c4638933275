import { type CallOptions, isArtError } from '@art/core'
import type { RecipePack } from '@art/core/recipe/recipe.ts'
import { openRemote } from '../layout/descriptor.ts'
import { packKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { inOrder } from './parallel.ts'
import { findAbsent } from './presence.ts'
import { readRecipes } from './recipes.ts'
import type { Target } from './target.ts'

/** `incomplete`: there is a recipe, but not everything that it names. */
export type RemoteState = 'ok' | 'missing' | 'incomplete'

/** For each target, whether the remote can rebuild it. Only reads. */
export async function inspect(
  targets: readonly Target[],
  store: ObjectStore,
  options?: CallOptions,
): Promise<RemoteState[]> {
  try {
    await openRemote(store, 'read', options)
  } catch (error) {
    if (isArtError(error, 'REMOTE_NOT_FOUND')) return targets.map(() => 'missing')
    throw error
  }
  const states: RemoteState[] = []
  let waiting: RecipePack[][][] = []
  const packs = new Map<string, number>()
  const settle = async (): Promise<void> => {
    const absent = await findAbsent(store, packs, options)
    for (const recipes of waiting) states.push(stateOf(recipes, absent))
    waiting = []
    packs.clear()
  }
  for await (const [, recipes] of inOrder(targets, (target) => packsOf(target, store, options))) {
    waiting.push(recipes)
    for (const { name, size } of recipes.flat()) packs.set(packKey(name), size)
    if (packs.size >= TOGETHER) await settle()
  }
  await settle()
  return states
}

/** Packs that are looked for together: two terabytes of them. */
const TOGETHER = 65_536

/** The packs of each recipe of a target. */
async function packsOf(target: Target, store: ObjectStore, options?: CallOptions): Promise<RecipePack[][]> {
  const recipes: RecipePack[][] = []
  for await (const { recipe } of readRecipes(store, target, options)) recipes.push(recipe.packs)
  return recipes
}

function stateOf(recipes: readonly RecipePack[][], absent: ReadonlySet<string>): RemoteState {
  if (recipes.length === 0) return 'missing'
  return recipes.some((packs) => packs.every(({ name }) => !absent.has(packKey(name)))) ? 'ok' : 'incomplete'
}
