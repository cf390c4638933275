import type { Kind, Oid } from '@art/core'
import { randomBytes } from 'node:crypto'

/** Keys of a remote, below its prefix. A name is PUT by one process with one content, and never again. */
export const DESCRIPTOR_KEY = 'art-remote.json'
export const PACKS = 'packs/'
export const RECIPES = 'recipes/'
export const CONDEMNED = 'gc/'
export const TABLES = 'tensors/'

export function packKey(name: string): string {
  return `packs/${name}`
}

/** Derived, so that it may be written anew, and go at any time. */
export function tableKey(oid: Oid): string {
  return TABLES + oid
}

/** Every recipe of one oid starts with this. */
export function recipePrefix(kind: Kind, oid: Oid): string {
  return `recipes/${kind}-${oid}/`
}

export function newRecipeKey(kind: Kind, oid: Oid): string {
  return recipePrefix(kind, oid) + randomHex(8)
}

export function newRootKey(repo: string, site: string): string {
  return `roots/${repo}/${site}/${randomHex(8)}`
}

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
