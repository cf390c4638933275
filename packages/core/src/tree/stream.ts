import { ArtError } from '../error.ts'
import { toHex } from '../oid.ts'
import type { TreeEntry } from './node.ts'
import { checkChild, checkSize, openNode, type ReadNode, type TreeNode } from './read.ts'

/** Folders nested deeper are taken for an attack. */
export const FOLDER_DEPTH_MAX = 256
/** Nodes on one path, over all folders on it: bounds what a reader holds. */
const NODE_DEPTH_MAX = 512

export interface TreeFile {
  /** From the tree's top, with `/`. */
  path: string
  /** `f`, `l` or `d`: a folder comes before what is in it. */
  entry: TreeEntry
}

interface Frame {
  node: TreeNode
  next: number
  folder: Folder
}

interface Folder {
  /** '' or ends in `/` */
  prefix: string
  depth: number
  /** The last name seen in it. */
  last: string | undefined
}

/**
 * Reads a tree from its nodes in depth-first order: the top node, then for each `n` or `d` entry, in order, all nodes of its subtree; a
 * subtree that occurs twice comes twice. Each node is verified as it arrives.
 *
 * Small trees can name very many files by repeating a subtree; whoever reads one from a stranger counts what comes out.
 */
export class TreeStreamReader {
  readonly #stack: Frame[] = []
  #awaited: { oid: Uint8Array; entry?: TreeEntry; level: number; folder: Folder } | undefined

  constructor(oid: Uint8Array) {
    this.#awaited = { oid, level: 0, folder: { prefix: '', depth: 0, last: undefined } }
  }

  /** The oid of the node that must come next; undefined when the tree is complete. */
  get next(): Uint8Array | undefined {
    return this.#awaited?.oid
  }

  /** Takes the next node and returns what becomes known by it, in the order of the members. Fails with `CORRUPT`, or as `decodeNode` does. */
  push(bytes: Uint8Array): TreeFile[] {
    const awaited = this.#awaited
    if (awaited === undefined) throw new ArtError('CORRUPT', 'a tree has more nodes than it names')
    const node = openNode(awaited.oid, bytes)
    const { entry, folder, level } = awaited
    if (entry?.kind === 'n') checkChild(entry, level, node, folder.last)
    else if (entry !== undefined) checkSize(entry, node)
    this.#stack.push({ node, next: 0, folder })
    if (this.#stack.length > NODE_DEPTH_MAX || folder.depth > FOLDER_DEPTH_MAX) {
      throw new ArtError('CORRUPT', 'folders are nested too deep', { path: toHex(awaited.oid) })
    }
    return this.#advance()
  }

  /** Walks on until a node is lacking. */
  #advance(): TreeFile[] {
    const files: TreeFile[] = []
    this.#awaited = undefined
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      const { node, folder } = frame
      const entry = node.entries[frame.next++]
      if (entry === undefined) {
        this.#stack.pop()
        continue
      }
      if (entry.kind === 'n') {
        this.#awaited = { oid: entry.oid, entry, level: node.level, folder }
        break
      }
      folder.last = entry.name
      const path = folder.prefix + entry.name
      files.push({ path, entry })
      if (entry.kind === 'd') {
        const below = { prefix: `${path}/`, depth: folder.depth + 1, last: undefined }
        this.#awaited = { oid: entry.oid, entry, level: 0, folder: below }
        break
      }
    }
    return files
  }
}

/** Every file, link and folder of a tree in the order of a recipe's members. */
export function* walkTree(oid: Uint8Array, readNode: ReadNode): Generator<TreeFile, void, undefined> {
  const reader = new TreeStreamReader(oid)
  while (reader.next !== undefined) yield* reader.push(readNode(reader.next))
}
