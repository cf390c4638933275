import { type ArtError, type CallOptions, fromSystemError, isArtError } from '@art/core'
import { isDamage } from '../layout/damage.ts'
import type { ObjectStore } from '../object-store.ts'
import type { KnownPacks } from './known-packs.ts'
import { readRecipes } from './recipes.ts'
import type { Refuted } from './refuted.ts'
import { ChunkSequence } from './sequence.ts'
import type { Target } from './target.ts'

export interface OpenContext extends CallOptions {
  store: ObjectStore
}

/** A recipe that can be followed. */
export interface Followed {
  key: string
  sequence: ChunkSequence
}

/** A recipe of the target that is not refuted, with the tables of its packs. */
export async function openSequence(
  target: Target,
  known: KnownPacks,
  refuted: Refuted,
  context: OpenContext,
): Promise<Followed | undefined> {
  const { store } = context
  const unreadable = (key: string, error: ArtError): void => refuted.recipe(target, key, error)
  for await (const { key, recipe } of readRecipes(store, target, context, unreadable)) {
    if (refuted.uses(key, recipe.packs)) continue
    try {
      return { key, sequence: await ChunkSequence.open(recipe, known, store, context) }
    } catch (error) {
      if (!isArtError(error, 'NOT_FOUND') && !isDamage(error)) throw error
      refuted.recipe(target, key, fromSystemError(error))
    }
  }
  return undefined
}
