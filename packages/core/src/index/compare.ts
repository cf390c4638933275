import { flag, type Records } from './record.ts'
import { childPath, type Section } from './section.ts'
import { compareNames } from '../tree/names.ts'

export interface EntryChange {
  /** Relative to the directory. */
  path: string
  state: 'added' | 'modified' | 'removed'
  /** Where the entry is in each side's section. */
  before?: { section: Section; i: number }
  after?: { section: Section; i: number }
}

const CONTENT_FLAGS = flag.kindMask | flag.executable

/** Files and links that differ between two states of a directory, in path order of each folder. Folders themselves are not told. */
export function* compareSections(before: readonly Section[], after: readonly Section[]): Generator<EntryChange> {
  const newer = new Map(after.map((section) => [section.path, section]))
  for (const section of before) {
    const other = newer.get(section.path)
    newer.delete(section.path)
    if (other === undefined || other.records !== section.records) yield* compareFolder(section, other)
  }
  for (const section of newer.values()) yield* compareFolder(undefined, section)
}

function* compareFolder(before: Section | undefined, after: Section | undefined): Generator<EntryChange> {
  const path = (before ?? after)!.path
  const old = before?.names ?? []
  const now = after?.names ?? []
  let i = 0
  let j = 0
  while (i < old.length || j < now.length) {
    const order = i === old.length ? 1 : j === now.length ? -1 : compareNames(old[i]!, now[j]!)
    const name = order <= 0 ? old[i]! : now[j]!
    const left = order <= 0 && !isFolder(before!.records, i) ? { section: before!, i } : undefined
    const right = order >= 0 && !isFolder(after!.records, j) ? { section: after!, i: j } : undefined
    if (order <= 0) i++
    if (order >= 0) j++
    const change = { path: childPath(path, name), ...(left && { before: left }), ...(right && { after: right }) }
    if (left === undefined && right === undefined) continue
    if (left === undefined) yield { ...change, state: 'added' }
    else if (right === undefined) yield { ...change, state: 'removed' }
    else if (!hasSameContent(left.section.records, left.i, right.section.records, right.i))
      yield { ...change, state: 'modified' }
  }
}

function isFolder(records: Records, i: number): boolean {
  return (records.flags(i) & flag.kindMask) === flag.folder
}

/** Kind, executable bit, size and oid. */
export function hasSameContent(a: Records, i: number, b: Records, j: number): boolean {
  return (
    (a.flags(i) & CONTENT_FLAGS) === (b.flags(j) & CONTENT_FLAGS) &&
    a.size(i) === b.size(j) &&
    Buffer.compare(a.oid(i), b.oid(j)) === 0
  )
}
