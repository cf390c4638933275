import { ArtError } from '../error.ts'
import { sha256 } from '../oid.ts'
import {
  ENTRY_FIXED_BYTES,
  encodeNode,
  NODE_BYTES_MAX,
  NODE_ENTRIES_MAX,
  NODE_ENTRIES_MIN,
  NODE_HEAD_BYTES,
  NODE_LEVELS,
  type TreeEntry,
} from './node.ts'

/** After them one entry in 192 is a cut: 256 entries a node on average. */
const CUT_BELOW = Math.floor(2 ** 32 / 192)

export interface BuiltNode {
  oid: Buffer
  bytes: Buffer
}

export interface BuiltFolder {
  /** Of the top node. */
  oid: Buffer
  /** Sum of the entries' sizes. */
  size: number
  /** Depth first, the top node first. Nodes of folders below are not among them. */
  nodes: BuiltNode[]
}

/** A node with the nodes below it. */
interface Branch extends BuiltNode {
  entry: TreeEntry
  below: Branch[]
}

/**
 * The nodes of one folder. `entries` are sorted by their names' bytes (`sortNames`). `nameHashes`, where given, holds for each entry the
 * first four bytes of its name's sha256 as a big-endian number. Where a folder is cut depends on names only, so a change of content
 * changes one node on each level.
 */
export function buildFolder(entries: readonly TreeEntry[], nameHashes?: Uint32Array): BuiltFolder {
  let branches = cutNodes(0, entries, [], nameHashes)
  for (let level = 1; branches.length > 1; level++) {
    if (level >= NODE_LEVELS) throw new ArtError('INTERNAL', 'folder too wide')
    branches = cutNodes(
      level,
      branches.map(({ entry }) => entry),
      branches,
    )
  }
  const top = branches[0]!
  const nodes: BuiltNode[] = []
  depthFirst(top, nodes)
  return { oid: top.oid, size: top.entry.size, nodes }
}

function cutNodes(level: number, entries: readonly TreeEntry[], below: Branch[], nameHashes?: Uint32Array): Branch[] {
  const branches: Branch[] = []
  let start = 0
  let length = NODE_HEAD_BYTES
  for (const [i, { name }] of entries.entries()) {
    const entryLength = ENTRY_FIXED_BYTES + Buffer.byteLength(name)
    if (length + entryLength > NODE_BYTES_MAX || i - start >= NODE_ENTRIES_MAX) {
      branches.push(branch(level, entries.slice(start, i), below.slice(start, i)))
      start = i
      length = NODE_HEAD_BYTES
    }
    length += entryLength
    if (i + 1 - start < NODE_ENTRIES_MIN) continue
    const hash = nameHashes?.[i] ?? sha256(Buffer.from(name)).readUInt32BE(level * 4)
    if (hash >= CUT_BELOW) continue
    branches.push(branch(level, entries.slice(start, i + 1), below.slice(start, i + 1)))
    start = i + 1
    length = NODE_HEAD_BYTES
  }
  if (start < entries.length || branches.length === 0)
    branches.push(branch(level, entries.slice(start), below.slice(start)))
  return branches
}

function branch(level: number, entries: TreeEntry[], below: Branch[]): Branch {
  const bytes = encodeNode(level, entries)
  const oid = sha256(bytes)
  let size = 0
  for (const entry of entries) size += entry.size
  return { oid, bytes, below, entry: { name: entries.at(-1)?.name ?? '', kind: 'n', executable: false, size, oid } }
}

function depthFirst({ oid, bytes, below }: Branch, nodes: BuiltNode[]): void {
  nodes.push({ oid, bytes })
  for (const child of below) depthFirst(child, nodes)
}
