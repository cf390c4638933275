import type { CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import type { Member } from './archive.ts'
import type { ZipEnd } from './end.ts'
import { CENTRAL_HEADER, CENTRAL_HEADER_BYTES, corruptZip, DIRECTORY_BYTES_MAX, MEMBERS_MAX } from './layout.ts'
import type { ZipLie } from './lie.ts'
import { decodeName, nameTrouble } from './name.ts'

/** Larger than any entry (46 bytes and three times 64 KiB), so that one always fits. */
const PIECE = 512 << 10
const ENTRY_MAX = CENTRAL_HEADER_BYTES + 3 * 0xffff

/**
 * The members of a central directory, also those past the count that its end record states: Python lists them, torch does not. Memory is
 * bounded by `DIRECTORY_BYTES_MAX` and `MEMBERS_MAX`; beyond, and where an entry is malformed, fails with `CORRUPT`.
 */
export async function readDirectory(
  source: Source,
  end: ZipEnd,
  lies: ZipLie[],
  options?: CallOptions,
): Promise<Member[]> {
  if (end.bytes > DIRECTORY_BYTES_MAX || end.count > MEMBERS_MAX) {
    throw corruptZip(source.name, `a directory of ${end.bytes} bytes for ${end.count} members is beyond any model file`)
  }
  const members: Member[] = []
  let piece: Uint8Array = new Uint8Array(0)
  let from = 0
  for (let at = 0; at < end.bytes; ) {
    if (from + piece.length < end.bytes && at + ENTRY_MAX > from + piece.length) {
      piece = await source.read(end.offset + at, Math.min(PIECE, end.bytes - at), options)
      from = at
    }
    const entry = piece.subarray(at - from)
    if (!isEntry(entry)) {
      if (members.length < end.count)
        throw corruptZip(source.name, `entry ${members.length} of its directory is malformed`)
      lies.push({
        kind: 'count',
        offset: end.offset + at,
        message: `${end.bytes - at} bytes in the directory are no entry`,
      })
      break
    }
    if (members.length === MEMBERS_MAX) throw corruptZip(source.name, 'its directory has too many members')
    members.push(readEntry(source, entry, end.shift, end.offset + at, lies))
    at += entryBytes(entry)
  }
  if (members.length < end.count) {
    throw corruptZip(source.name, `its directory has ${members.length} members of ${end.count}`)
  }
  if (members.length > end.count) {
    const message = `the directory holds ${members.length} members, its end record says ${end.count}`
    lies.push({ kind: 'count', offset: end.offset, message })
  }
  return members
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function isEntry(entry: Uint8Array): boolean {
  if (entry.length < CENTRAL_HEADER_BYTES || viewOf(entry).getUint32(0, true) !== CENTRAL_HEADER) return false
  return entryBytes(entry) <= entry.length
}

function entryBytes(entry: Uint8Array): number {
  const view = viewOf(entry)
  return CENTRAL_HEADER_BYTES + view.getUint16(28, true) + view.getUint16(30, true) + view.getUint16(32, true)
}

function readEntry(source: Source, entry: Uint8Array, shift: number, at: number, lies: ZipLie[]): Member {
  const view = viewOf(entry)
  const nameEnd = CENTRAL_HEADER_BYTES + view.getUint16(28, true)
  const flags = view.getUint16(8, true)
  const name = decodeName(entry.subarray(CENTRAL_HEADER_BYTES, nameEnd))
  const trouble = nameTrouble(name)
  if (trouble !== undefined) lies.push({ kind: 'name', member: name, offset: at, message: trouble })
  const long = readZip64Extra(entry.subarray(nameEnd, nameEnd + view.getUint16(30, true)), {
    size: view.getUint32(24, true),
    compressedSize: view.getUint32(20, true),
    offset: view.getUint32(42, true),
  })
  if (long === undefined) throw corruptZip(source.name, `the sizes of a member are missing: ${name}`)
  const member = { name, method: view.getUint16(10, true), flags, crc: view.getUint32(16, true), ...long }
  const offset = member.offset + shift
  if (offset + member.compressedSize > source.size || member.size > Number.MAX_SAFE_INTEGER) {
    throw corruptZip(source.name, `a member lies outside the file: ${name}`)
  }
  return { ...member, offset }
}

interface Extent {
  size: number
  compressedSize: number
  offset: number
}

/** Numbers of 0xffffffff stand as 64 bits in extra field 1, in this order. Undefined where they are missing. */
function readZip64Extra(extra: Uint8Array, short: Extent): Extent | undefined {
  const missing = (['size', 'compressedSize', 'offset'] as const).filter((key) => short[key] === 0xffff_ffff)
  if (missing.length === 0) return short
  const view = viewOf(extra)
  const long = { ...short }
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    const end = at + 4 + view.getUint16(at + 2, true)
    if (view.getUint16(at, true) !== 1) continue
    if (end > extra.length || at + 4 + missing.length * 8 > end) return undefined
    for (const [i, key] of missing.entries()) long[key] = Number(view.getBigUint64(at + 4 + i * 8, true))
    return long
  }
  // Without the field the number is what it says: a file of 4 GiB less one byte has it too.
  return long
}
