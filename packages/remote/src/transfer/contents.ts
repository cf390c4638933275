import { type ArtError, type CallOptions, EMPTY_ID, type Kind, type Oid, toHex } from '@art/core'
import type { ObjectStore } from '../object-store.ts'
import { readRecipes } from './recipes.ts'

/** A content as a remote's recipes tell of it, which proves nothing: only its bytes do. */
export interface ToldContent {
  kind: Kind
  /** Of a directory its files have less: nodes count, too. */
  size: number
}

export interface ToldContents {
  contents: ToldContent[]
  /** Why what is there could not be read. */
  unreadable?: ArtError
}

const KINDS = ['f', 'd'] as const
const EMPTY_OID = toHex(EMPTY_ID)

/** What an oid may stand for on a remote. Several where a recipe lies, or where a file has the bytes of a directory's root node. */
export async function toldContents(store: ObjectStore, oid: Oid, options?: CallOptions): Promise<ToldContents> {
  const told: ToldContents = { contents: [] }
  const onUnreadable = (_: string, error: ArtError): void => void (told.unreadable ??= error)
  for (const kind of KINDS) {
    const sizes = new Set<number>()
    for await (const { recipe } of readRecipes(store, { kind, oid }, { ...options, onUnreadable }))
      if (recipe.size > 0 || oid === EMPTY_OID) sizes.add(recipe.size)
    // Any recipe of a directory will do; of a file, none that says another size.
    const some = kind === 'd' && sizes.size > 0 ? [Math.min(...sizes)] : sizes
    for (const size of some) told.contents.push({ kind, size })
  }
  return told
}
