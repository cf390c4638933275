import { ArtError } from '../error.ts'
import { toHex } from '../oid.ts'
import type { TreeEntry } from '../tree/node.ts'
import { checkChild, checkSize, openNode, type TreeNode } from '../tree/read.ts'
import type { DirIndex } from './dir-index.ts'
import { flag, Records } from './record.ts'
import { childPath, type FolderTree, type Section } from './section.ts'

/** Folders nested deeper are taken for an attack. */
export const FOLDER_DEPTH_MAX = 256

/** Some nodes can name very many entries by naming the same folder again and again, so whoever reads a tree counts them. */
export const TREE_ENTRIES_MAX = 20_000_000
/** A folder takes some 1,100 bytes of memory while a tree is walked, a file some 130. */
export const TREE_FOLDERS_MAX = 1_000_000

export interface TreeLimits {
  /** Files and links at most: what the pointer says, where there is one. */
  files?: number | undefined
  /** Files, links and folders at most; by default `TREE_ENTRIES_MAX`. */
  entries?: number | undefined
  /** By default `TREE_FOLDERS_MAX`. */
  folders?: number | undefined
}

/**
 * Walks a tree depth first: yields the oid of each node that it wants, in the order in which a recipe's stream holds them, and is
 * given the node's bytes, which it checks. Returns the folders in the shape of an index that has seen no file yet. Fails with
 * `CORRUPT` where the tree is not what it says or exceeds its limits, and as `decodeNode` does.
 */
export function* walkTree(root: Uint8Array, limits: TreeLimits = {}): Generator<Uint8Array, DirIndex, Uint8Array> {
  const walk = new TreeWalk(limits)
  const { size, files } = yield* walk.folder('', root, undefined, 0)
  return { root, files, bytes: size, sections: walk.sections }
}

/** The folders of a tree whose nodes are all at hand. */
export function indexFromTree(
  root: Uint8Array,
  readNode: (oid: Uint8Array) => Uint8Array,
  limits?: TreeLimits,
): DirIndex {
  const walk = walkTree(root, limits)
  let step = walk.next()
  while (!step.done) step = walk.next(readNode(step.value))
  return step.value
}

type Walk<T> = Generator<Uint8Array, T, Uint8Array>

class TreeWalk {
  readonly sections: Section[] = []
  #filesLeft: number
  #entriesLeft: number
  #foldersLeft: number

  constructor({ files, entries, folders }: TreeLimits) {
    this.#filesLeft = files ?? Number.POSITIVE_INFINITY
    this.#entriesLeft = entries ?? TREE_ENTRIES_MAX
    this.#foldersLeft = folders ?? TREE_FOLDERS_MAX
  }

  /** `entry`: the one that names the folder; the top has none. */
  *folder(path: string, oid: Uint8Array, entry: TreeEntry | undefined, depth: number): Walk<FolderTree> {
    if (depth > FOLDER_DEPTH_MAX) throw refused(oid, 'folders are nested too deep')
    const place = this.sections.length
    this.sections.push(undefined as unknown as Section)
    const top = openNode(oid, yield oid)
    if (entry !== undefined) checkSize(entry, top)
    const entries: TreeEntry[] = []
    const tree: FolderTree = { oid, size: 0, files: 0 }
    yield* this.#node(path, top, depth, entries, tree)
    this.sections[place] = { path, ...toRecords(entries), tree }
    return tree
  }

  /** Recursion over `n` entries is as deep as a folder has levels, at most 8. */
  *#node(path: string, node: TreeNode, depth: number, entries: TreeEntry[], tree: FolderTree): Walk<void> {
    for (const entry of node.entries) {
      if (entry.kind === 'n') {
        const child = openNode(entry.oid, yield entry.oid)
        checkChild(entry, node.level, child, entries.at(-1)?.name)
        yield* this.#node(path, child, depth, entries, tree)
        continue
      }
      this.#count(entry)
      entries.push(entry)
      tree.size += entry.size
      if (entry.kind === 'd')
        tree.files += (yield* this.folder(childPath(path, entry.name), entry.oid, entry, depth + 1)).files
      else tree.files++
    }
  }

  #count({ kind, oid }: TreeEntry): void {
    if (--this.#entriesLeft < 0) throw refused(oid, 'the tree has more entries than art reads')
    if (kind === 'd' && --this.#foldersLeft < 0) throw refused(oid, 'the tree has more folders than art reads')
    if (kind !== 'd' && --this.#filesLeft < 0) throw refused(oid, 'the tree has more files than its pointer says')
  }
}

function refused(oid: Uint8Array, message: string): ArtError {
  return new ArtError('CORRUPT', message, {
    path: `tree ${toHex(oid)}`,
    hint: 'Ask whoever pushed it to add it again.',
  })
}

function toRecords(entries: TreeEntry[]): { names: string[]; records: Records } {
  const records = Records.allocate(entries.length)
  for (const [i, entry] of entries.entries()) {
    const kind = entry.kind === 'd' ? flag.folder : entry.kind === 'l' ? flag.symlink : flag.file
    records.setFlags(i, kind | (entry.executable ? flag.executable : 0))
    records.setOid(i, entry.oid)
    records.setSize(i, entry.size)
    records.setNameLength(i, Buffer.byteLength(entry.name))
  }
  return { names: entries.map((entry) => entry.name), records }
}

/** Every file and link in path order, the order in which a recipe's stream holds them. */
export function* members(index: DirIndex): Generator<{ section: Section; i: number }> {
  let next = 0
  function* walk(): Generator<{ section: Section; i: number }> {
    const section = index.sections[next++]!
    for (let i = 0; i < section.records.count; i++) {
      if ((section.records.flags(i) & flag.kindMask) === flag.folder) yield* walk()
      else yield { section, i }
    }
  }
  yield* walk()
}
