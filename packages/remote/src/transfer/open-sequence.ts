import { type CallOptions, fromSystemError, isArtError } from '@art/core'
import { RECIPE_BYTES_MAX } from '@art/core/recipe/layout.ts'
import { isDamage } from '../layout/damage.ts'
import type { ObjectStore } from '../object-store.ts'
import type { KnownPacks } from './known-packs.ts'
import { readRecipes } from './recipes.ts'
import type { Refuted } from './refuted.ts'
import { ChunkSequence } from './sequence.ts'
import type { Target } from './target.ts'

/** A recipe that can be followed. */
export interface Followed {
  key: string
  sequence: ChunkSequence
}

/** `large` where there are only recipes that are larger than was wanted. */
export type Opened = Followed | 'large' | undefined

export interface OpenContext extends CallOptions {
  store: ObjectStore
  known: KnownPacks
  refuted: Refuted
  /** Bytes of a recipe; larger ones are left for later. */
  most: number
}

/** A recipe of the target that is not refuted, with the tables of its packs. What is of no use is noted as refuted. */
export async function openSequence(target: Target, context: OpenContext): Promise<Opened> {
  const { store, known, refuted, most } = context
  let isLarge = false
  const recipes = readRecipes(store, target, {
    ...context,
    onUnreadable: (key, error) => refuted.recipe(target, key, error),
    skips: (size) => {
      const skips = size > most && size <= RECIPE_BYTES_MAX
      isLarge ||= skips
      return skips
    },
  })
  for await (const { key, recipe } of recipes) {
    if (refuted.uses(key, recipe.packs)) continue
    try {
      return { key, sequence: await ChunkSequence.open(recipe, known, store, context) }
    } catch (error) {
      if (!isArtError(error, 'NOT_FOUND') && !isDamage(error)) throw error
      refuted.recipe(target, key, fromSystemError(error))
    }
  }
  return isLarge ? 'large' : undefined
}
