import type { Kind, Oid } from '../oid.ts'

/** A pack that a recipe uses. */
export interface RecipePack {
  /** 32 hex digits, 128 random bits. */
  name: string
  /** Bytes of the whole pack. */
  size: number
  chunks: number
}

/** How to rebuild one oid from chunks in packs. */
export interface Recipe {
  kind: Kind
  oid: Oid
  /** Bytes of the stream: for `f` the file; for `d` the tree's nodes, depth first, and then its members. */
  size: number
  packs: RecipePack[]
  /** Flat triples: number of the pack above, first chunk, count of chunks. */
  runs: Uint32Array
}

export { decodeRecipe } from './decode.ts'
export { encodeRecipe } from './encode.ts'
