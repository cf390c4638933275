import { compareNames } from '../tree/names.ts'
import type { Records } from './record.ts'

/** One folder of a tracked directory: its entries sorted by their names' bytes, one record each. */
export interface Section {
  /** Relative to the directory, `/`-separated; '' for the top. */
  path: string
  readonly names: string[]
  readonly records: Records
  /** Known once the folder's tree has been built. */
  readonly tree?: FolderTree | undefined
}

/** The tree of one folder and all below it. */
export interface FolderTree {
  oid: Uint8Array
  size: number
  files: number
}

export function childPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

export function parentOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at < 0 ? '' : path.slice(0, at)
}

/** Is a path `inside` itself, or below it? Without `inside`, every path is. */
export function isInside(path: string, inside: string | undefined): boolean {
  return inside === undefined || path === inside || path.startsWith(`${inside}/`)
}

/** Position of a name among names sorted by bytes, or ~(where it would stand). */
export function findName(names: readonly string[], name: string): number {
  let low = 0
  let high = names.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const order = compareNames(names[middle]!, name)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return ~low
}
