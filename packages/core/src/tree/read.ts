import { ArtError } from '../error.ts'
import { sha256, toHex } from '../oid.ts'
import { compareNames } from './names.ts'
import { decodeNode, type TreeEntry } from './node.ts'

/** Gives the bytes of a node. Whoever calls it verifies them. */
export type ReadNode = (oid: Uint8Array) => Uint8Array

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

/**
 * All entries of one folder, sorted, its nodes flattened. Fails with `CORRUPT` where a node is not what it should be, and as `decodeNode`
 * does.
 */
export function readFolder(top: Uint8Array, readNode: ReadNode): TreeEntry[] {
  const node = openNode(top, readNode(top))
  if (node.level === 0) return node.entries
  const all: TreeEntry[] = []
  flatten(node, readNode, all)
  return all
}

/** Recursion is as deep as the folder has levels, at most 8. */
function flatten({ level, entries }: TreeNode, readNode: ReadNode, all: TreeEntry[]): void {
  for (const entry of entries) {
    const child = openNode(entry.oid, readNode(entry.oid))
    checkChild(entry, level, child, all.at(-1)?.name)
    if (child.level > 0) flatten(child, readNode, all)
    else for (const found of child.entries) all.push(found)
  }
}

function corrupt(what: string, oid: Uint8Array): ArtError {
  return new ArtError('CORRUPT', what, { path: toHex(oid) })
}
