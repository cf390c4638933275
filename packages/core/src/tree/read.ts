import { ArtError } from '../error.ts'
import { sha256, toHex } from '../oid.ts'
import { compareNames } from './names.ts'
import { decodeNode, type TreeEntry } from './node.ts'

export interface TreeNode {
  level: number
  entries: TreeEntry[]
}

/** Decodes a node after comparing its sha256 with `oid`. Fails with `CORRUPT` where they differ. */
export function openNode(oid: Uint8Array, bytes: Uint8Array): TreeNode {
  if (!sha256(bytes).equals(oid)) throw corrupt('the bytes of a tree node do not match its oid', oid)
  return decodeNode(bytes)
}

/**
 * Compares a node with the `n` entry, on a node of `level`, that names it. `after` is the last name before it in the folder, so that
 * the folder's names are sorted across its nodes. Fails with `CORRUPT`.
 */
export function checkChild(entry: TreeEntry, level: number, child: TreeNode, after: string | undefined): void {
  const first = child.entries[0]
  if (child.level !== level - 1 || first === undefined || child.entries.at(-1)?.name !== entry.name) {
    throw corrupt('a tree node is not what its parent says', entry.oid)
  }
  if (after !== undefined && compareNames(first.name, after) <= 0) throw corrupt('names are not sorted', entry.oid)
  checkSize(entry, child)
}

/** The size of a `d` or `n` entry is the sum over the node that it names. */
export function checkSize(entry: TreeEntry, child: TreeNode): void {
  let size = 0
  for (const { size: below } of child.entries) size += below
  if (size !== entry.size) throw corrupt('a tree entry does not have the size of what is below it', entry.oid)
}

function corrupt(what: string, oid: Uint8Array): ArtError {
  return new ArtError('CORRUPT', what, { path: toHex(oid) })
}
