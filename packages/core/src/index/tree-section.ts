import { OID_BYTES } from '../oid.ts'
import type { TreeEntry } from '../tree/node.ts'
import { flag, RecordAllocator, type Records } from './record.ts'
import type { FolderTree, Section } from './section.ts'

const NO_NAMES: string[] = []

/** A folder of a tree that was walked, some 250 bytes of memory beside its entries. */
export class TreeSection implements Section {
  readonly path: string
  readonly names: string[]
  readonly records: Records
  readonly #size: number
  readonly #files: number
  readonly #oids: Buffer
  readonly #oidAt: number

  constructor(
    { path, names, records }: Pick<Section, 'path' | 'names' | 'records'>,
    { size, files }: Omit<FolderTree, 'oid'>,
    oids: Buffer,
    oidAt: number,
  ) {
    this.path = path
    this.names = names
    this.records = records
    this.#size = size
    this.#files = files
    this.#oids = oids
    this.#oidAt = oidAt
  }

  get tree(): FolderTree {
    const oid = this.#oids.subarray(this.#oidAt, this.#oidAt + OID_BYTES)
    return { oid, size: this.#size, files: this.#files }
  }
}

const OIDS_TOGETHER = 1024

/** Makes the sections of one tree, whose records and oids share memory. */
export class TreeSections {
  readonly #records = new RecordAllocator()
  #oids = Buffer.alloc(0)
  #used = 0

  make(path: string, entries: readonly TreeEntry[], { oid, size, files }: FolderTree): TreeSection {
    if (this.#used === this.#oids.length) {
      this.#oids = Buffer.alloc(OIDS_TOGETHER * OID_BYTES)
      this.#used = 0
    }
    const at = this.#used
    this.#oids.set(oid, at)
    this.#used += OID_BYTES
    const names = entries.length === 0 ? NO_NAMES : entries.map((entry) => entry.name)
    return new TreeSection({ path, names, records: this.#toRecords(entries) }, { size, files }, this.#oids, at)
  }

  #toRecords(entries: readonly TreeEntry[]): Records {
    const records = this.#records.allocate(entries.length)
    for (const [i, entry] of entries.entries()) {
      const kind = entry.kind === 'd' ? flag.folder : entry.kind === 'l' ? flag.symlink : flag.file
      records.setFlags(i, kind | (entry.executable ? flag.executable : 0))
      records.setOid(i, entry.oid)
      records.setSize(i, entry.size)
      records.setNameLength(i, Buffer.byteLength(entry.name))
    }
    return records
  }
}
