import type { Stats } from 'node:fs'
import { toHex } from '@art/core'
import { flag, isExecutable, Records } from '@art/core/index/record.ts'
import { randomSeed } from '@art/core/index/seed.ts'
import { loadIndex, saveIndex } from '@art/core/index/store.ts'
import { sortNames } from '@art/core/tree/names.ts'

/** What is known of one single-file artifact's data: the stat it had, and the oid of the content it had then. */
export interface KnownFile {
  records: Records
  i: number
}

/** The index of all single-file artifacts of a workspace, by their paths. */
export class FileIndex {
  readonly #path: string
  readonly #files = new Map<string, KnownFile>()
  #seed: bigint
  #changed = false

  constructor(path: string) {
    this.#path = path
    const decoded = loadIndex(path)?.decoded
    const section = decoded?.sections[0]
    this.#seed = decoded?.seed ?? 0n
    for (const [i, name] of (section?.names ?? []).entries()) this.#files.set(name, { records: section!.records, i })
  }

  /** For every xxh64 that comes into this index. */
  get seed(): bigint {
    return (this.#seed ||= randomSeed())
  }

  get(path: string): KnownFile | undefined {
    return this.#files.get(path)
  }

  /** Notes that art has added, or checked out, a file with this stat and content. */
  settle(path: string, stat: Stats, oid: Uint8Array, quickHash: bigint, trustedBefore: number): void {
    this.set(path, stat, oid, quickHash, trustedBefore)
    const { records, i } = this.#files.get(path)!
    records.setFlags(i, records.flags(i) | flag.settled)
  }

  /** Is this the content that art itself last put there, or took from there? */
  isSettled(path: string, oid: string): boolean {
    const known = this.#files.get(path)
    return (
      known !== undefined &&
      (known.records.flags(known.i) & flag.settled) !== 0 &&
      toHex(known.records.oid(known.i)) === oid
    )
  }

  /** Notes that a file with this stat has this content. What was settled with the same content stays so. */
  set(path: string, stat: Stats, oid: Uint8Array, quickHash: bigint, trustedBefore: number): void {
    const settled = this.isSettled(path, toHex(oid)) ? flag.settled : 0
    const records = Records.allocate(1)
    records.setStat(0, stat)
    const racy = Math.max(stat.mtimeMs, stat.ctimeMs) >= trustedBefore ? flag.racy : 0
    records.setFlags(0, flag.file | flag.stat | settled | racy | (isExecutable(stat) ? flag.executable : 0))
    records.setOid(0, oid)
    records.setQuickHash(0, quickHash)
    records.setNameLength(0, Buffer.byteLength(path))
    this.#files.set(path, { records, i: 0 })
    this.#changed = true
  }

  /** Notes that a tracked directory is in the workspace. */
  noteDirectory(path: string): void {
    if (this.isDirectory(path)) return
    const records = Records.allocate(1)
    records.setFlags(0, flag.folder)
    records.setNameLength(0, Buffer.byteLength(path))
    this.#files.set(path, { records, i: 0 })
    this.#changed = true
  }

  /** Everything that art has put into this workspace, or added from it. */
  paths(): string[] {
    return [...this.#files.keys()]
  }

  isDirectory(path: string): boolean {
    const known = this.#files.get(path)
    return known !== undefined && (known.records.flags(known.i) & flag.kindMask) === flag.folder
  }

  delete(path: string): void {
    if (this.#files.delete(path)) this.#changed = true
  }

  save(): void {
    if (!this.#changed) return
    const names = sortNames([...this.#files.keys()])
    const records = Records.allocate(names.length)
    for (const [to, name] of names.entries()) {
      const { records: from, i } = this.#files.get(name)!
      records.copyFrom(to, from, i)
    }
    const sections = [{ path: '', names, records }]
    const index = { root: new Uint8Array(32), files: names.length, bytes: 0, sections, seed: this.#seed }
    saveIndex(this.#path, index, Number.POSITIVE_INFINITY)
    this.#changed = false
  }
}
