import { ArtError, type CallOptions, fromSystemError, isArtError, type Kind, type Oid } from '@art/core'
import { RECIPE_BYTES_MAX } from '@art/core/recipe/layout.ts'
import { decodeRecipe, type Recipe } from '@art/core/recipe/recipe.ts'
import { AGAIN, isDamage, readTwice } from '../layout/damage.ts'
import { recipePrefix } from '../layout/keys.ts'
import type { ObjectStore } from '../object-store.ts'
import { readAll } from '../read-all.ts'
import { incoming } from './weights.ts'

export interface FoundRecipe {
  key: string
  size: number
  recipe: Recipe
}

export interface RecipeOptions extends CallOptions {
  /** Is told of one that is damaged, or goes meanwhile. */
  onUnreadable?: ((key: string, error: ArtError) => void) | undefined
  /** Leaves a recipe of so many bytes for later. */
  skips?: ((size: number) => boolean) | undefined
}

/** What a recipe takes in memory while it is read, in times its own size: three bytes can be a run. */
const DECODED = 6

/** The recipes of an oid that can be read, in any order. One that cannot is passed over: another may be whole. */
export async function* readRecipes(
  store: ObjectStore,
  { kind, oid, size: content }: { kind: Kind; oid: Oid; size?: number },
  { onUnreadable, skips, ...options }: RecipeOptions = {},
): AsyncGenerator<FoundRecipe> {
  const prefix = recipePrefix(kind, oid)
  for await (const { key, size } of store.list(prefix, options)) {
    if (skips?.(size)) continue
    let recipe: Recipe
    try {
      recipe = await readTwice(() => readRecipe(store, key, size, options))
    } catch (error) {
      if (!isArtError(error, 'NOT_FOUND') && !isDamage(error)) throw error
      onUnreadable?.(key, fromSystemError(error))
      continue
    }
    if (recipe.oid === oid && recipe.kind === kind && fits(recipe, content)) yield { key, size, recipe }
  }
}

async function readRecipe(store: ObjectStore, key: string, size: number, options: CallOptions): Promise<Recipe> {
  if (size > RECIPE_BYTES_MAX) throw tooLarge(key, size)
  const read = async (): Promise<Recipe> => decodeRecipe(await readAll(store, key, { ...options, size }))
  return await incoming(store).run(size * DECODED, read)
}

function tooLarge(path: string, size: number): ArtError {
  return new ArtError('REMOTE_DAMAGED', `a recipe of ${size} bytes is none that art wrote`, {
    path,
    hint: AGAIN,
  })
}

/** A recipe whose stream cannot hold the content is no recipe of it: seen before any pack is asked for. */
function fits({ kind, size, runs }: Recipe, content: number | undefined): boolean {
  if (size > 0 && runs.length === 0) return false
  if (content === undefined) return true
  return kind === 'f' ? size === content : size >= content
}
