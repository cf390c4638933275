import { type CallOptions, isArtError, type Kind, type Oid } from '@art/core'
import { decodeRecipe, type Recipe } from '@art/core/recipe/recipe.ts'
import { recipePrefix } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'

export interface FoundRecipe {
  key: string
  size: number
  recipe: Recipe
}

/**
 * The recipes of an oid that can be read, in any order. One that is damaged or goes meanwhile is passed over: another may be whole.
 */
export async function* readRecipes(
  store: ObjectStore,
  { kind, oid }: { kind: Kind; oid: Oid },
  options?: CallOptions,
): AsyncGenerator<FoundRecipe> {
  const prefix = recipePrefix(kind, oid)
  for await (const { key, size } of store.list(prefix, options)) {
    const recipe = await readRecipe(store, key, options)
    if (recipe?.oid === oid && recipe.kind === kind) yield { key, size, recipe }
  }
}

async function readRecipe(store: ObjectStore, key: string, options?: CallOptions): Promise<Recipe | undefined> {
  try {
    return decodeRecipe(await readAll(store, key, options))
  } catch (error) {
    if (isArtError(error, 'NOT_FOUND') || isArtError(error, 'CORRUPT') || isArtError(error, 'REMOTE_DAMAGED')) return undefined
    throw error
  }
}
