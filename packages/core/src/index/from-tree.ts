import { ArtError } from '../error.ts'
import { toHex } from '../oid.ts'
import type { TreeEntry } from '../tree/node.ts'
import { checkChild, checkSize, openNode, type TreeNode } from '../tree/read.ts'
import type { DirIndex } from './dir-index.ts'
import { flag } from './record.ts'
import { childPath, type FolderTree, type Section } from './section.ts'
import { FOLDER_DEPTH_MAX, TreeBudget, type TreeLimits } from './tree-budget.ts'
import { TreeSections } from './tree-section.ts'

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
  readonly #made = new TreeSections()
  readonly #budget: TreeBudget

  constructor(limits: TreeLimits) {
    this.#budget = new TreeBudget(limits)
  }

  /** `entry`: the one that names the folder; the top has none. */
  *folder(path: string, oid: Uint8Array, entry: TreeEntry | undefined, depth: number): Walk<FolderTree> {
    if (depth > FOLDER_DEPTH_MAX) throw refused(oid, 'folders are nested too deep')
    const place = this.sections.length
    this.sections.push(undefined as unknown as Section)
    const top = this.#open(oid, yield oid)
    if (entry !== undefined) checkSize(entry, top)
    const entries: TreeEntry[] = []
    const tree: FolderTree = { oid, size: 0, files: 0 }
    yield* this.#node(path, top, depth, entries, tree)
    this.sections[place] = this.#made.make(path, entries, tree)
    return tree
  }

  /** Recursion over `n` entries is as deep as a folder has levels, at most 8. */
  *#node(path: string, node: TreeNode, depth: number, entries: TreeEntry[], tree: FolderTree): Walk<void> {
    for (const entry of node.entries) {
      if (entry.kind === 'n') {
        const child = this.#open(entry.oid, yield entry.oid)
        checkChild(entry, node.level, child, entries.at(-1)?.name)
        yield* this.#node(path, child, depth, entries, tree)
        continue
      }
      const excess = this.#budget.takeEntry(entry.kind === 'd', path.length + entry.name.length)
      if (excess !== undefined) throw refused(entry.oid, excess)
      entries.push(entry)
      tree.size += entry.size
      if (entry.kind === 'd')
        tree.files += (yield* this.folder(childPath(path, entry.name), entry.oid, entry, depth + 1)).files
      else tree.files++
    }
  }

  #open(oid: Uint8Array, bytes: Uint8Array): TreeNode {
    this.#budget.addNode(oid, bytes.length)
    return openNode(oid, bytes)
  }
}

function refused(oid: Uint8Array, message: string): ArtError {
  return new ArtError('CORRUPT', message, {
    path: `tree ${toHex(oid)}`,
    hint: 'Ask whoever pushed it to add it again.',
  })
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
