import { lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtError } from '../error.ts'
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
  /** Packs that could not be read when the set was loaded. */
  readonly damaged: ArtError[] = []
  #packs: PackSet | undefined
  #reader: PackReader | undefined

  constructor(root: string) {
    this.layout = cacheLayout(root)
  }

  get packs(): PackSet {
    this.#packs ??= PackSet.load(this.layout.packs, (_, error) => this.damaged.push(error))
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

  hasNode(oid: Uint8Array): boolean {
    return this.packs.has(oid)
  }

  /** Does the cache hold every node of one folder of that many entries? */
  hasFolder(oid: Uint8Array, entries: number): boolean {
    if (!this.hasNode(oid)) return false
    if (entries <= NODE_ENTRIES_MIN) return true
    const { level, entries: children } = decodeNode(this.readNode(oid))
    return level === 0 || children.every((child) => this.#hasBelow(child.oid, level - 1))
  }

  #hasBelow(oid: Uint8Array, level: number): boolean {
    if (!this.hasNode(oid)) return false
    return level === 0 || decodeNode(this.readNode(oid)).entries.every((child) => this.#hasBelow(child.oid, level - 1))
  }

  /** A tree node, checked against its oid. */
  readNode = (oid: Uint8Array): Buffer => {
    this.#reader ??= new PackReader(this.packs)
    return Buffer.from(this.#reader.read(oid))
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
