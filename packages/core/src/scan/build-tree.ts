import { flag, Records } from '../index/record.ts'
import { childPath, type FolderTree, parentOf, type Section } from '../index/section.ts'
import { sha256 } from '../oid.ts'
import { buildFolder } from '../tree/build.ts'
import type { TreeEntry } from '../tree/node.ts'
import type { ScannedSection } from './scan.ts'

/** Takes every node of the tree that was built anew. */
export type KeepNode = (oid: Uint8Array, bytes: Uint8Array) => void

/**
 * Builds the tree of scanned folders from the leaves up. A folder that is as its index says, down to its last file, keeps the tree
 * that the index names, provided `hasFolder` says that the cache still has all nodes of that folder of so many entries.
 */
export function buildTree(
  scanned: ScannedSection[],
  hasFolder: (oid: Uint8Array, entries: number) => boolean,
  keepNode: KeepNode,
): { root: FolderTree; sections: Section[] } {
  const trees = new Map<string, FolderTree>()
  const changedBelow = new Set<string>()
  const sections: Section[] = new Array(scanned.length)
  for (let i = scanned.length - 1; i >= 0; i--) {
    const section = scanned[i]!
    const { path, tree } = section
    if (section.same && !changedBelow.has(path) && tree !== undefined && hasFolder(tree.oid, section.records.count)) {
      trees.set(path, tree)
      sections[i] = section
      continue
    }
    const built = buildSection(section, trees, keepNode)
    trees.set(path, built.tree)
    sections[i] = built
    if (path !== '') changedBelow.add(parentOf(path))
  }
  return { root: trees.get('')!, sections }
}

function buildSection(
  section: Section,
  trees: Map<string, FolderTree>,
  keepNode: KeepNode,
): Section & { tree: FolderTree } {
  const count = section.names.length
  const records = Records.allocate(count)
  records.bytes.set(section.records.bytes)
  const hashes = new Uint32Array(count)
  const entries: TreeEntry[] = []
  let files = 0
  for (let i = 0; i < count; i++) {
    const kind = records.flags(i) & flag.kindMask
    if (kind === flag.folder) {
      const child = trees.get(childPath(section.path, section.names[i]!))!
      records.setOid(i, child.oid)
      records.setSize(i, child.size)
      files += child.files
    } else files++
    hashes[i] = records.nameHash(i) || sha256(Buffer.from(section.names[i]!)).readUInt32BE(0)
    entries.push(entryAt(section.names[i]!, records, i))
  }
  const { oid, size, nodes } = buildFolder(entries, hashes)
  for (const node of nodes) keepNode(node.oid, node.bytes)
  return { path: section.path, names: section.names, records, tree: { oid, size, files } }
}

export function entryAt(name: string, records: Records, i: number): TreeEntry {
  const flags = records.flags(i)
  const kind = flags & flag.kindMask
  return {
    name,
    kind: kind === flag.folder ? 'd' : kind === flag.symlink ? 'l' : 'f',
    executable: (flags & flag.executable) !== 0,
    size: records.size(i),
    oid: records.oid(i),
  }
}
