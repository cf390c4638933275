import { lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ArtError, isArtError } from '../error.ts'
import { type Oid, toHex } from '../oid.ts'
import { decodeNode, NODE_ENTRIES_MIN } from '../tree/node.ts'
import { type CacheLayout, cacheLayout, isTemporaryName, LARGE_FILE, objectPath } from './layout.ts'
import { PackReader } from './pack-reader.ts'
import { PackSet } from './pack-set.ts'
import { isIntact } from './seal.ts'

const DAY = 24 * 3600 * 1000

/** This machine's store: whole large files, and packs of small ones. */
export class Cache {
  readonly layout: CacheLayout
  /** Packs that could not be read when the set was loaded, and those whose damage was found then. */
  readonly damaged: ArtError[] = []
  #packs: PackSet | undefined
  #reader: PackReader | undefined

  constructor(root: string) {
    this.layout = cacheLayout(root)
  }

  get packs(): PackSet {
    if (this.#packs === undefined) {
      this.damaged.length = 0
      this.#packs = PackSet.load(this.layout.packs, (_, error) => this.damaged.push(error))
    }
    return this.#packs
  }

  /** Looks again at which packs there are. */
  reload(): void {
    this.#packs?.close()
    this.#packs = undefined
    this.#reader = undefined
  }

  close(): void {
    this.reload()
  }

  hasFile(oid: Uint8Array, size: number): boolean {
    return size >= LARGE_FILE ? this.largeSize(toHex(oid)) === size : this.packs.has(oid)
  }

  /** Size of a whole object; undefined where there is none, or only one that was written to since it was sealed. */
  largeSize(oid: Oid): number | undefined {
    const path = objectPath(this.layout, oid)
    const size = statSync(path, { throwIfNoEntry: false })?.size
    return size !== undefined && isIntact(path, oid) ? size : undefined
  }

  /** Does a pack hold exactly these bytes? */
  holds(id: Uint8Array, bytes: Uint8Array): boolean {
    return this.packs.has(id) && this.#packReader.holds(id, bytes)
  }

  /** As `hasFile`, but a small content is read: for one file that costs nothing, and finds damage that nobody has seen yet. */
  hasWholeFile(oid: Uint8Array, size: number): boolean {
    return size >= LARGE_FILE ? this.hasFile(oid, size) : this.#readWhole(oid) !== undefined
  }

  hasNode(oid: Uint8Array): boolean {
    return this.packs.has(oid)
  }

  /** Does the cache hold every node of one folder of that many entries? */
  hasFolder(oid: Uint8Array, entries: number): boolean {
    return entries <= NODE_ENTRIES_MIN ? this.hasNode(oid) : this.#hasBelow(oid)
  }

  #hasBelow(oid: Uint8Array): boolean {
    const bytes = this.#readWhole(oid)
    if (bytes === undefined) return false
    const { level, entries } = decodeNode(bytes)
    if (level === 0) return true
    return entries.every((child) => (level === 1 ? this.hasNode(child.oid) : this.#hasBelow(child.oid)))
  }

  /** undefined for what is not there; what turns out to be damaged is absent from then on. */
  #readWhole(id: Uint8Array): Buffer | undefined {
    try {
      return this.readNode(id)
    } catch (error) {
      if (isArtError(error, 'NOT_CACHED')) return undefined
      if (!isArtError(error, 'CORRUPT')) throw error
      this.reload()
      return undefined
    }
  }

  get #packReader(): PackReader {
    return (this.#reader ??= new PackReader(this.packs))
  }

  /** A tree node, checked against its oid. */
  readNode = (oid: Uint8Array): Buffer => {
    return Buffer.from(this.#packReader.read(oid))
  }

  /**
   * Removes what killed commands left behind more than a day ago: files under names that art gives, and nothing else, since the folder
   * may turn out to be somebody else's.
   */
  collectTemporaries(now = Date.now()): void {
    const { temporary } = this.layout
    for (const name of listOrNone(temporary)) {
      if (!isTemporaryName(name)) continue
      const path = join(temporary, name)
      const stat = lstatSync(path, { throwIfNoEntry: false })
      if (stat?.isFile() && now - stat.mtimeMs > DAY) rmSync(path, { force: true })
    }
  }
}

function listOrNone(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
