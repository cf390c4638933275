import { type CallOptions, isArtError } from '@art/core'
import { openRemote } from '../layout/descriptor.ts'
import { packKey } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { findAbsent, mapParallel } from './presence.ts'
import { type FoundRecipe, readRecipes } from './recipes.ts'
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
  const found = await mapParallel(targets, async (target) => {
    const recipes: FoundRecipe[] = []
    for await (const recipe of readRecipes(store, target, options)) recipes.push(recipe)
    return recipes
  })
  const packs = new Map<string, number>()
  for (const { recipe } of found.flat()) for (const { name, size } of recipe.packs) packs.set(packKey(name), size)
  const absent = await findAbsent(store, packs, options)
  return found.map((recipes) => {
    if (recipes.length === 0) return 'missing'
    const complete = recipes.some(({ recipe }) => recipe.packs.every(({ name }) => !absent.has(packKey(name))))
    return complete ? 'ok' : 'incomplete'
  })
}
