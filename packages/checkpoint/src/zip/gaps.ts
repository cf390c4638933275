import type { CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import type { Member, Zip } from './archive.ts'
import type { Claim } from './claim.ts'
import { DATA_DESCRIPTOR, DEFLATED, LOCAL_HEADER_BYTES, SIZES_FOLLOW, STORED } from './layout.ts'
import type { ZipLie } from './lie.ts'
import { localSizes, readLocalHeader } from './local.ts'
import { decodeName } from './name.ts'

/** Bytes of the archive that belong to no record. */
export interface Gap {
  readonly offset: number
  readonly length: number
}

const LOCAL_MAGIC = Buffer.from('PK\x03\x04', 'latin1')
const DESCRIPTOR_MAGIC = Buffer.from('PK\x07\x08', 'latin1')

/** How much of all gaps together is looked through; honest archives have none but data descriptors. */
const SEARCH_MAX = 4 << 20
const HIDDEN_MAX = 1_000

interface Search {
  readonly zip: Zip
  readonly lies: ZipLie[]
  readonly hidden: Member[]
  readonly gaps: Gap[]
  left: number
}

/** What lies between, before and behind the records, given in the order of their starts. Each is added to `lies`. */
export async function searchGaps(
  zip: Zip,
  claims: readonly Claim[],
  lies: ZipLie[],
  options?: CallOptions,
): Promise<{ hidden: Member[]; gaps: Gap[] }> {
  const search: Search = { zip, lies, hidden: [], gaps: [], left: SEARCH_MAX }
  let end = 0
  /** Which ends there. */
  let before: Claim | undefined
  for (const claim of [...claims, { start: zip.source.size, end: zip.source.size, member: undefined }]) {
    if (claim.start > end) {
      const known = before?.descriptor?.until === claim.start ? before.descriptor.bytes : undefined
      const from = end + (known ?? (await descriptorBytes(zip.source, end, claim.start, before?.member, options)))
      if (claim.start > from) await searchGap(search, from, claim.start, options)
    }
    if (claim.end >= end) before = claim
    end = Math.max(end, claim.end)
  }
  return { hidden: search.hidden, gaps: search.gaps }
}

/** The data descriptor behind a member: crc and sizes, of 4 or 8 bytes each, usually behind a signature. 0 where it does not fit. */
export async function descriptorBytes(
  source: Source,
  start: number,
  end: number,
  member: Member | undefined,
  options?: CallOptions,
): Promise<number> {
  if (member === undefined || (member.flags & SIZES_FOLLOW) === 0) return 0
  const bytes = Buffer.from(await source.read(start, Math.min(24, end - start), options))
  const crcAt = bytes.length >= 4 && bytes.readUInt32LE(0) === DATA_DESCRIPTOR ? 4 : 0
  const at = crcAt + 4
  const { compressedSize, size } = member
  if (at + 16 <= bytes.length) {
    const isLong =
      bytes.readBigUInt64LE(at) === BigInt(compressedSize) && bytes.readBigUInt64LE(at + 8) === BigInt(size)
    if (isLong) return at + 16
  }
  if (at + 8 > bytes.length) return 0
  return bytes.readUInt32LE(at) === compressedSize && bytes.readUInt32LE(at + 4) === size ? at + 8 : 0
}

async function searchGap(search: Search, start: number, end: number, options?: CallOptions): Promise<void> {
  const { zip, lies, gaps } = search
  const length = end - start
  const looked = Math.min(length, search.left)
  search.left -= looked
  // Its own copy: reading local headers below goes through the same source.
  const bytes = Buffer.from(await zip.source.read(start, looked, options))
  if (looked === length && bytes.every((byte) => byte === 0)) return
  gaps.push({ offset: start, length })
  const members = hiddenMembers(bytes, start, length, HIDDEN_MAX - search.hidden.length)
  search.hidden.push(...members)
  for (const { name, offset } of members) {
    lies.push({ kind: 'hidden', member: name, offset, message: 'the directory does not list it' })
  }
  const rest = looked < length ? `, of which ${length - looked} were not looked through` : ''
  lies.push({ kind: 'hidden', offset: start, message: `${length} bytes that no member holds${rest}` })
}

/** Local headers in a gap of `length` bytes, whose first ones are given. */
function hiddenMembers(bytes: Buffer, start: number, length: number, most: number): Member[] {
  const members: Member[] = []
  for (let at = bytes.indexOf(LOCAL_MAGIC); at >= 0; at = bytes.indexOf(LOCAL_MAGIC, at + 1)) {
    if (members.length === most || at + LOCAL_HEADER_BYTES > bytes.length) break
    const local = readLocalHeader(new DataView(bytes.buffer, bytes.byteOffset + at, LOCAL_HEADER_BYTES))
    const nameAt = at + LOCAL_HEADER_BYTES
    const data = nameAt + local.nameBytes + local.extraBytes
    if ((local.method !== STORED && local.method !== DEFLATED) || data > length) continue
    const extra = bytes.subarray(nameAt + local.nameBytes, data)
    const stated = localSizes(local, extra)
    const room = length - data
    const sizes = stated.compressedSize === 0 ? followingSizes(bytes, data, room) : stated
    const compressedSize = Math.min(sizes.compressedSize, room)
    members.push({
      name: decodeName(bytes.subarray(nameAt, nameAt + local.nameBytes)),
      method: local.method,
      flags: local.flags,
      crc: 0,
      compressedSize,
      size: local.method === STORED ? compressedSize : sizes.size,
      offset: start + at,
    })
  }
  return members
}

/** Of a member whose sizes stand behind its data: where a data descriptor names the distance to itself; else all the room there is. */
function followingSizes(bytes: Buffer, data: number, room: number): { size: number; compressedSize: number } {
  for (let at = bytes.indexOf(DESCRIPTOR_MAGIC, data); at >= 0; at = bytes.indexOf(DESCRIPTOR_MAGIC, at + 1)) {
    const distance = at - data
    if (at + 16 <= bytes.length && bytes.readUInt32LE(at + 8) === distance) {
      const isLong = at + 24 <= bytes.length && bytes.readUInt32LE(at + 12) === 0 && distance > 0
      return { compressedSize: distance, size: bytes.readUInt32LE(at + (isLong ? 16 : 12)) }
    }
  }
  return { compressedSize: room, size: room }
}
