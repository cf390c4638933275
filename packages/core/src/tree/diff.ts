import { ArtError } from '../error.ts'
import { compareNames } from './names.ts'
import type { TreeEntry } from './node.ts'
import { openNode, type ReadNode, type TreeNode } from './read.ts'
import { FOLDER_DEPTH_MAX, walkTree } from './stream.ts'

/** What differs between two trees at one path: `a` before, `b` after. */
export type TreeChange =
  | { path: string; state: 'added'; b: TreeEntry }
  | { path: string; state: 'modified'; a: TreeEntry; b: TreeEntry }
  | { path: string; state: 'removed'; a: TreeEntry }

/**
 * What differs, sorted by name folder by folder; nodes that both have are not read. Folders are told when they come or go, before what
 * is in them. A file in the place of a folder is a removal and an addition.
 */
export function* diffTrees(a: Uint8Array, b: Uint8Array, readNode: ReadNode): Generator<TreeChange, void, undefined> {
  const pairs = [{ prefix: '', a: new Cursor(a, readNode), b: new Cursor(b, readNode) }]
  for (let pair = pairs.at(-1); pair !== undefined; pair = pairs.at(-1)) {
    const difference = nextDifference(pair.a, pair.b)
    if (difference === undefined) {
      pairs.pop()
      continue
    }
    const { before, after } = difference
    const path = pair.prefix + (before ?? after)!.name
    if (before?.kind === 'd' && after?.kind === 'd') {
      if (pairs.length > FOLDER_DEPTH_MAX) throw new ArtError('CORRUPT', 'folders are nested too deep', { path })
      pairs.push({ prefix: `${path}/`, a: new Cursor(before.oid, readNode), b: new Cursor(after.oid, readNode) })
    } else if (before !== undefined && after !== undefined && before.kind !== 'd' && after.kind !== 'd') {
      yield { path, state: 'modified', a: before, b: after }
    } else {
      if (before !== undefined)
        for (const found of below(path, before, readNode)) yield { path: found.path, state: 'removed', a: found.entry }
      if (after !== undefined)
        for (const found of below(path, after, readNode)) yield { path: found.path, state: 'added', b: found.entry }
    }
  }
}

function* below(
  path: string,
  entry: TreeEntry,
  readNode: ReadNode,
): Generator<{ path: string; entry: TreeEntry }, void, undefined> {
  yield { path, entry }
  if (entry.kind !== 'd') return
  for (const found of walkTree(entry.oid, readNode)) yield { path: `${path}/${found.path}`, entry: found.entry }
}

/** Moves both cursors past the next name that differs. */
function nextDifference(a: Cursor, b: Cursor): { before?: TreeEntry; after?: TreeEntry } | undefined {
  for (;;) {
    const x = a.entry
    const y = b.entry
    if (x === undefined && y === undefined) return undefined
    if (x !== undefined && y !== undefined && equal(x, y)) {
      a.skip()
      b.skip()
    } else if (x?.kind === 'n' || y?.kind === 'n') {
      descend(a, b)
    } else {
      const order = x === undefined ? 1 : y === undefined ? -1 : compareNames(x.name, y.name)
      if (order <= 0) a.skip()
      if (order >= 0) b.skip()
      return { ...(order <= 0 && { before: x! }), ...(order >= 0 && { after: y! }) }
    }
  }
}

/** The higher of two nodes is opened first, so that equal nodes meet where one folder has more levels than the other. */
function descend(a: Cursor, b: Cursor): void {
  const { level: levelA } = a
  const { level: levelB } = b
  if (levelA >= levelB) a.descend()
  if (levelB >= levelA) b.descend()
}

function equal(x: TreeEntry, y: TreeEntry): boolean {
  if (x.kind !== y.kind || x.executable !== y.executable || Buffer.compare(x.oid, y.oid) !== 0) return false
  return x.kind === 'n' || x.name === y.name
}

/** A place in one folder: an entry, or a node that was not opened yet. */
class Cursor {
  readonly #readNode: ReadNode
  readonly #stack: { node: TreeNode; next: number }[] = []

  constructor(oid: Uint8Array, readNode: ReadNode) {
    this.#readNode = readNode
    this.#open(oid)
  }

  get entry(): TreeEntry | undefined {
    const frame = this.#stack.at(-1)
    return frame?.node.entries[frame.next]
  }

  /** Of the node that holds the entry; -1 at the end. */
  get level(): number {
    return this.#stack.at(-1)?.node.level ?? -1
  }

  skip(): void {
    this.#stack.at(-1)!.next++
    this.#ascend()
  }

  descend(): void {
    const entry = this.entry!
    this.#stack.at(-1)!.next++
    this.#open(entry.oid)
  }

  #open(oid: Uint8Array): void {
    const node = openNode(oid, this.#readNode(oid))
    const parent = this.#stack.at(-1)
    if (parent !== undefined && node.level !== parent.node.level - 1)
      throw new ArtError('CORRUPT', 'a tree node is on the wrong level')
    this.#stack.push({ node, next: 0 })
    this.#ascend()
  }

  /** Leaves the nodes that are done. */
  #ascend(): void {
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      if (frame.next < frame.node.entries.length) return
      this.#stack.pop()
    }
  }
}
