/** Folders nested deeper are taken for an attack. */
export const FOLDER_DEPTH_MAX = 256

/** Some nodes can name very many entries by naming the same folder again and again, so whoever reads a tree counts them. */
export const TREE_ENTRIES_MAX = 20_000_000
export const TREE_FOLDERS_MAX = 1_000_000

/**
 * Bytes of memory that a tree may take by naming the same nodes again; what its nodes really hold may take more, in proportion. With the rest of
 * a command that stays below 512 MB.
 */
const REPEATED_BYTES = 256 << 20
/** No honest tree takes so many times its distinct nodes. */
const PER_NODE_BYTE = 16

/** What a folder and an entry take while a tree is walked and compared, beside the characters of their paths. */
const FOLDER_BYTES = 400
const ENTRY_BYTES = 300

export interface TreeLimits {
  /** Files and links at most: what the pointer says, where there is one. */
  files?: number | undefined
  /** Files, links and folders at most; by default `TREE_ENTRIES_MAX`. */
  entries?: number | undefined
  /** By default `TREE_FOLDERS_MAX`. */
  folders?: number | undefined
}

/** What is left of a tree's limits. Each call says what is exceeded, if anything is. */
export class TreeBudget {
  #filesLeft: number
  #entriesLeft: number
  #foldersLeft: number
  #bytesLeft = REPEATED_BYTES
  /** The first six bytes of oids: two nodes that share them only make the budget a little smaller. */
  readonly #seen = new Set<number>()

  constructor({ files, entries, folders }: TreeLimits = {}) {
    this.#filesLeft = files ?? Number.POSITIVE_INFINITY
    this.#entriesLeft = entries ?? TREE_ENTRIES_MAX
    this.#foldersLeft = folders ?? TREE_FOLDERS_MAX
  }

  /** A node of so many bytes; one that was met before gives nothing. */
  addNode(oid: Uint8Array, length: number): void {
    const key = oid[0]! * 2 ** 40 + oid[1]! * 2 ** 32 + oid[2]! * 2 ** 24 + oid[3]! * 65536 + oid[4]! * 256 + oid[5]!
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#bytesLeft += length * PER_NODE_BYTE
  }

  /** An entry whose path has so many characters. */
  takeEntry(isFolder: boolean, characters: number): string | undefined {
    this.#bytesLeft -= ENTRY_BYTES + characters + (isFolder ? FOLDER_BYTES + 2 * characters : 0)
    if (--this.#entriesLeft < 0) return 'the tree has more entries than art reads'
    if (isFolder && --this.#foldersLeft < 0) return 'the tree has more folders than art reads'
    if (!isFolder && --this.#filesLeft < 0) return 'the tree has more files than its pointer says'
    return this.#bytesLeft < 0 ? 'the tree repeats the same folders more often than art reads' : undefined
  }
}
