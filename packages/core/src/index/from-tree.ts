import { ArtError } from '../error.ts'
import { toHex } from '../oid.ts'
import { decodeNode, type TreeEntry } from '../tree/node.ts'
import type { DirIndex } from './dir-index.ts'
import { flag, Records } from './record.ts'
import { childPath, type FolderTree, type Section } from './section.ts'
import { compareNames } from '../tree/names.ts'

/** Folders nested deeper than this, with the nodes of wide ones counted, are taken for an attack. */
const MAX_DEPTH = 300

/**
 * Walks a tree depth first: yields the oid of each node that it wants, in the order in which a recipe's stream holds them, and is
 * given the node's (checked) bytes. Returns the folders in the shape of an index that has seen no file yet.
 */
export function* walkTree(root: Uint8Array): Generator<Uint8Array, DirIndex, Uint8Array> {
  const sections: Section[] = []
  const { size, files } = yield* walkFolder(sections, '', root, 0)
  return { root, files, bytes: size, sections }
}

/** The folders of a tree whose nodes are all at hand. */
export function indexFromTree(root: Uint8Array, readNode: (oid: Uint8Array) => Uint8Array): DirIndex {
  const walk = walkTree(root)
  let step = walk.next()
  while (!step.done) step = walk.next(readNode(step.value))
  return step.value
}

type Walk<T> = Generator<Uint8Array, T, Uint8Array>

function* walkFolder(sections: Section[], path: string, oid: Uint8Array, depth: number): Walk<FolderTree> {
  const place = sections.length
  sections.push(undefined as unknown as Section)
  const entries: TreeEntry[] = []
  const tree: FolderTree = { oid, size: 0, files: 0 }
  yield* walkNode(sections, path, oid, depth, entries, tree)
  sections[place] = { path, ...toRecords(entries), tree }
  return tree
}

function* walkNode(
  sections: Section[],
  path: string,
  oid: Uint8Array,
  depth: number,
  entries: TreeEntry[],
  tree: FolderTree,
): Walk<void> {
  if (depth > MAX_DEPTH) throw hostile(oid, 'folders are nested too deep')
  const node = decodeNode(yield oid)
  for (const entry of node.entries) {
    if (entry.kind === 'n') {
      if (node.level === 0) throw hostile(oid, 'a node of level 0 names another node')
      yield* walkNode(sections, path, entry.oid, depth + 1, entries, tree)
      continue
    }
    entries.push(entry)
    if (entry.kind === 'd') {
      const below = yield* walkFolder(sections, childPath(path, entry.name), entry.oid, depth + 1)
      if (below.size !== entry.size) throw hostile(entry.oid, 'a folder has another size than its parent says')
      tree.files += below.files
    } else tree.files++
    tree.size += entry.size
  }
}

function hostile(oid: Uint8Array, message: string): ArtError {
  return new ArtError('CORRUPT', message, { path: `tree ${toHex(oid)}`, hint: 'Ask whoever pushed it to add it again.' })
}

function toRecords(entries: TreeEntry[]): { names: string[]; records: Records } {
  const records = Records.allocate(entries.length)
  for (const [i, entry] of entries.entries()) {
    const kind = entry.kind === 'd' ? flag.folder : entry.kind === 'l' ? flag.symlink : flag.file
    records.setFlags(i, kind | (entry.executable ? flag.executable : 0))
    records.setOid(i, entry.oid)
    records.setSize(i, entry.size)
    records.setNameLength(i, Buffer.byteLength(entry.name))
    if (i > 0 && compareNames(entries[i - 1]!.name, entry.name) >= 0) throw hostile(entry.oid, 'names of a folder are out of order')
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
