import { ArtError } from '../error.ts'
import { OID_BYTES } from '../oid.ts'
import { checkName, NAME_MAX } from './names.ts'

/** File, folder, symbolic link; `n` is a child node, on levels above 0. */
export type EntryKind = 'f' | 'd' | 'l' | 'n'

export interface TreeEntry {
  /** For `n` the last name in the child. */
  name: string
  kind: EntryKind
  executable: boolean
  /** Bytes of the file or of the link's target; for `d` and `n` the sum below. */
  size: number
  /** 32 raw bytes: sha256 of the file, of the link's target, or of the folder's top node or child node. */
  oid: Uint8Array
}

/** Bounds of one node. */
export const NODE_BYTES_MAX = 64 << 10
export const NODE_ENTRIES_MAX = 1024
/** A folder of so few entries is one node. */
export const NODE_ENTRIES_MIN = 64
/** Levels are 0 to 7: a cut reads four bytes of a name's sha256 for each. */
export const NODE_LEVELS = 8

/** What an entry takes beside its name. */
export const ENTRY_FIXED_BYTES = 44
/** `art-tree 1 sha256 0\n` */
export const NODE_HEAD_BYTES = 20

const HEAD = 'art-tree 1 sha256 '
const KINDS: Record<number, EntryKind> = { 0x66: 'f', 0x64: 'd', 0x6c: 'l', 0x6e: 'n' }

/** The bytes of a node. Its oid is their sha256. Names are checked; an order or a size that breaks the format is `INTERNAL`. */
export function encodeNode(level: number, entries: readonly TreeEntry[]): Buffer {
  let length = NODE_HEAD_BYTES
  for (const { name } of entries) length += ENTRY_FIXED_BYTES + Buffer.byteLength(name)
  const bytes = Buffer.allocUnsafe(length)
  bytes.write(`${HEAD}${level}\n`, 'latin1')
  let at = NODE_HEAD_BYTES
  let previous = -1
  for (const entry of entries) {
    checkName(entry.name)
    const start = at
    const nameLength = bytes.write(entry.name, at + 2)
    bytes.writeUInt16LE(nameLength, at)
    if (previous >= 0 && compareAt(bytes, previous, start) >= 0)
      throw new ArtError('INTERNAL', 'tree entries are not sorted')
    previous = start
    at += 2 + nameLength
    bytes[at] = entry.kind.charCodeAt(0)
    bytes[at + 1] = entry.executable && entry.kind === 'f' ? 1 : 0
    bytes.writeUInt32LE(entry.size % 2 ** 32, at + 2)
    bytes.writeUInt32LE(Math.floor(entry.size / 2 ** 32), at + 6)
    bytes.set(entry.oid, at + 10)
    at += ENTRY_FIXED_BYTES - 2
  }
  if (length > NODE_BYTES_MAX || entries.length > NODE_ENTRIES_MAX)
    throw new ArtError('INTERNAL', 'tree node too large')
  return bytes
}

/**
 * Reads a node strictly: only bytes that `encodeNode` could have written. The oids are views of `bytes`. Fails with `CORRUPT`,
 * `UNSUPPORTED`, or as `checkName` does where an entry has a name that must not be written to a disk.
 */
export function decodeNode(bytes: Uint8Array): { level: number; entries: TreeEntry[] } {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const level = readHead(data)
  const entries: TreeEntry[] = []
  let previous = -1
  for (let at = NODE_HEAD_BYTES; at < data.length; ) {
    const entry = readEntry(data, at)
    if (previous >= 0 && compareAt(data, previous, at) >= 0) throw corrupt('names are not sorted')
    if ((entry.kind === 'n') !== level > 0) throw corrupt('an entry is on the wrong level')
    entries.push(entry)
    previous = at
    at += ENTRY_FIXED_BYTES + data.readUInt16LE(at)
  }
  if (entries.length > NODE_ENTRIES_MAX) throw corrupt('too many entries')
  if (level > 0 && entries.length === 0) throw corrupt('a node of nodes is empty')
  return { level, entries }
}

function readHead(data: Buffer): number {
  if (data.length > NODE_BYTES_MAX) throw corrupt('larger than 64 KiB')
  if (data.length < NODE_HEAD_BYTES || data.toString('latin1', 0, 9) !== 'art-tree ') throw corrupt('not a tree node')
  const level = data[18]! - 0x30
  if (data.toString('latin1', 0, 18) !== HEAD || data[19] !== 0x0a || level < 0 || level >= NODE_LEVELS) {
    throw new ArtError('UNSUPPORTED', 'tree node of an unknown version', { hint: 'Update art.' })
  }
  return level
}

function readEntry(data: Buffer, start: number): TreeEntry {
  if (start + ENTRY_FIXED_BYTES > data.length) throw corrupt('it is cut off')
  const nameLength = data.readUInt16LE(start)
  if (nameLength > NAME_MAX) throw corrupt('a name is too long')
  const at = start + 2 + nameLength
  if (at + ENTRY_FIXED_BYTES - 2 > data.length) throw corrupt('it is cut off')
  const name = data.toString('utf8', start + 2, at)
  if (name.includes('\ufffd') && !Buffer.from(name).equals(data.subarray(start + 2, at)))
    throw corrupt('a name is not UTF-8')
  checkName(name)
  const kind = KINDS[data[at]!]
  const mode = data[at + 1]!
  if (kind === undefined || mode > 1 || (mode === 1 && kind !== 'f'))
    throw corrupt('an entry has an unknown kind or mode')
  const size = data.readUInt32LE(at + 2) + data.readUInt32LE(at + 6) * 2 ** 32
  if (!Number.isSafeInteger(size)) throw corrupt('impossible size')
  return { name, kind, executable: mode === 1, size, oid: data.subarray(at + 10, at + 10 + OID_BYTES) }
}

/** Compares the names of two entries of one node by where the entries start. */
function compareAt(data: Buffer, a: number, b: number): number {
  const lengthA = data.readUInt16LE(a)
  const lengthB = data.readUInt16LE(b)
  const length = Math.min(lengthA, lengthB)
  for (let i = 2; i < length + 2; i++) {
    if (data[a + i] !== data[b + i]) return data[a + i]! - data[b + i]!
  }
  return lengthA - lengthB
}

function corrupt(what: string): ArtError {
  return new ArtError('CORRUPT', `damaged tree node: ${what}`)
}
