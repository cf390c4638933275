import { closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { openPlainFile } from '../fs/plain-file.ts'
import { readWholeSync, writeWholeSync } from '../fs/whole.ts'
import { decodeIndex, type DirIndex, type StoredIndex } from './dir-index.ts'
import { encodeIndex, indexSize } from './encode.ts'
import { OID_BYTES } from '../oid.ts'
import { flag } from './record.ts'

/** An index in memory that worker threads share. */
export interface KnownIndex {
  /** Tells indexes apart in the workers. */
  id: string
  buffer: SharedArrayBuffer
  decoded: StoredIndex
}

let loaded = 0

/** Ten million files take half of it. */
const MAX_BYTES = 2 ** 31

/** undefined where there is none, or it is damaged: then everything is read again. */
export function loadIndex(path: string): KnownIndex | undefined {
  let opened: ReturnType<typeof openPlainFile>
  try {
    opened = openPlainFile(path, {})
  } catch {
    return undefined
  }
  const { fd, stat } = opened
  try {
    if (stat.size > MAX_BYTES) return undefined
    const buffer = new SharedArrayBuffer(stat.size)
    readWholeSync(fd, new Uint8Array(buffer), 0)
    return share(buffer)
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

/** Gives an index that was made in this process the form that scans want. */
export function shareIndex(index: DirIndex): KnownIndex {
  const buffer = new SharedArrayBuffer(indexSize(index))
  const bytes = new Uint8Array(buffer)
  let at = 0
  for (const part of encodeIndex(index)) {
    bytes.set(part, at)
    at += part.length
  }
  return share(buffer)
}

function share(buffer: SharedArrayBuffer): KnownIndex {
  return { id: `${process.pid}-${loaded++}`, buffer, decoded: decodeIndex(buffer) }
}

/**
 * Replaces the index file. No fsync: an index that a crash truncates is found damaged, and costs one slow status. The root is kept only
 * where the top folder's tree vouches for it.
 */
export function saveIndex(path: string, index: DirIndex, trustedBefore: number): void {
  markRacy(index, trustedBefore)
  const tree = index.sections[0]?.tree
  const root = tree !== undefined && Buffer.compare(tree.oid, index.root) === 0 ? index.root : new Uint8Array(OID_BYTES)
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const fd = openSync(temporary, 'w')
    try {
      for (const part of encodeIndex({ ...index, root })) writeWholeSync(fd, part)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Of a name that `saveIndex` gives to what is not complete yet: the process that writes it. */
export function temporaryIndexOf(name: string): number | undefined {
  const pid = /\.(\d{1,10})\.tmp$/.exec(name)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/** An entry that changed so late that a write after its stat might not show is read again next time. */
function markRacy(index: DirIndex, trustedBefore: number): void {
  for (const { records } of index.sections) {
    for (let i = 0; i < records.count; i++) {
      const flags = records.flags(i)
      if ((flags & flag.stat) !== 0 && records.changedAt(i) >= trustedBefore) records.setFlags(i, flags | flag.racy)
    }
  }
}
