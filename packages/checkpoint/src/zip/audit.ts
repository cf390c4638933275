import type { CallOptions } from '@art/core'
import { foldName, type Member, type Zip } from './archive.ts'
import type { Claim } from './claim.ts'
import { descriptorBytes, type Gap, searchGaps } from './gaps.ts'
import type { ZipLie } from './lie.ts'
import { compareLocalHeader, firstByte } from './local.ts'

export interface ZipAudit {
  /** Also those seen while the directory was read. None means that every reader sees the same members. */
  readonly lies: readonly ZipLie[]
  /** Data with a local header that the directory does not list. Can be opened like any member. */
  readonly hidden: readonly Member[]
  /** Bytes, not all zero, that no record holds, hidden members among them. */
  readonly gaps: readonly Gap[]
  /** Of each of the directory's members, in its order, the first byte of its data where they are stored as they are; -1 where it is not known. */
  readonly firstBytes: Int16Array
}

/** More lies than this are not listed one by one. */
const LIES_MAX = 1_000

/**
 * Looks for what would let two readers disagree, or hide something from all that go by the directory. Reads every local header (a few
 * hundred bytes each) and the bytes between members.
 */
export async function auditZip(zip: Zip, options?: CallOptions): Promise<ZipAudit> {
  const lies = [...zip.lies, ...duplicates(zip.members)]
  const claims: Claim[] = [
    { start: zip.end.offset, end: zip.end.offset + zip.end.bytes, member: undefined },
    { start: zip.end.endOffset, end: zip.end.tailOffset, member: undefined },
  ]
  const firstBytes = new Int16Array(zip.members.length).fill(-1)
  const inOrder = [...zip.members.entries()].sort(([, a], [, b]) => a.offset - b.offset)
  let before: Claim | undefined
  // Forwards only, so that a source that reads ahead is asked once for a descriptor, the header behind it and the data's first byte.
  for (const [i, member] of inOrder) {
    const until = member.offset
    if (before !== undefined && before.end < until)
      before.descriptor = { until, bytes: await descriptorBytes(zip.source, before.end, until, before.member, options) }
    const compared = await compareLocalHeader(zip, member, lies, options)
    firstBytes[i] = await firstByte(zip, member, compared.data, options)
    before = { start: member.offset, end: compared.end, member }
    claims.push(before)
    if (lies.length > LIES_MAX) return { lies, hidden: [], gaps: [], firstBytes }
  }
  claims.sort((a, b) => a.start - b.start || a.end - b.end)
  lies.push(...overlaps(claims))
  const { hidden, gaps } = await searchGaps(zip, claims, lies, options)
  return { lies, hidden, gaps, firstBytes }
}

function duplicates(members: readonly Member[]): ZipLie[] {
  const seen = new Set<string>()
  const lies: ZipLie[] = []
  for (const { name, offset } of members) {
    const folded = foldName(name.split('\0', 1)[0]!)
    if (seen.has(folded)) {
      lies.push({ kind: 'duplicate', member: name, offset, message: 'more than one member has this name' })
      if (lies.length > LIES_MAX) break
    }
    seen.add(folded)
  }
  return lies
}

/** Adjacent pairs suffice, with the furthest end so far. */
function overlaps(claims: readonly Claim[]): ZipLie[] {
  const lies: ZipLie[] = []
  let furthest = 0
  for (const { start, end, member } of claims) {
    if (start < furthest && end > start) {
      const message = 'its bytes belong to another record too'
      lies.push({ kind: 'overlap', ...(member && { member: member.name }), offset: start, message })
      if (lies.length > LIES_MAX) break
    }
    furthest = Math.max(furthest, end)
  }
  return lies
}
