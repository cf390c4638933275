import { type ArtError, type CallOptions, fromSystemError, isArtError, type Kind, type Oid } from '@art/core'
import { decodeRecipe, type Recipe } from '@art/core/recipe/recipe.ts'
import { isDamage, readTwice } from '../layout/damage.ts'
import { recipePrefix } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'

export interface FoundRecipe {
  key: string
  size: number
  recipe: Recipe
}

/**
 * The recipes of an oid that can be read, in any order. One that is damaged or goes meanwhile is passed over, and told to
 * `onUnreadable`: another may be whole.
 */
export async function* readRecipes(
  store: ObjectStore,
  { kind, oid, size: content }: { kind: Kind; oid: Oid; size?: number },
  options?: CallOptions,
  onUnreadable?: (key: string, error: ArtError) => void,
): AsyncGenerator<FoundRecipe> {
  const prefix = recipePrefix(kind, oid)
  for await (const { key, size } of store.list(prefix, options)) {
    let recipe: Recipe
    try {
      recipe = await readTwice(async () => decodeRecipe(await readAll(store, key, options)))
    } catch (error) {
      if (!isArtError(error, 'NOT_FOUND') && !isDamage(error)) throw error
      onUnreadable?.(key, fromSystemError(error))
      continue
    }
    if (recipe.oid === oid && recipe.kind === kind && fits(recipe, content)) yield { key, size, recipe }
  }
}

/** A recipe whose stream cannot hold the content is no recipe of it: seen before any pack is asked for. */
function fits({ kind, size, runs }: Recipe, content: number | undefined): boolean {
  if (size > 0 && runs.length === 0) return false
  if (content === undefined) return true
  return kind === 'f' ? size === content : size >= content
}
