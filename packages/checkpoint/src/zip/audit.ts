import type { CallOptions } from '@art/core'
import { foldName, type Member, type Zip } from './archive.ts'
import type { Claim } from './claim.ts'
import { descriptorBytes, type Gap, searchGaps } from './gaps.ts'
import { isPlain } from './layout.ts'
import type { ZipLie } from './lie.ts'
import { compareLocalHeader } from './local.ts'
import { nearSource } from './near.ts'

export interface ZipAudit {
  /** Also those seen while the directory was read. None means that every reader sees the same members. */
  readonly lies: readonly ZipLie[]
  /** Data with a local header that the directory does not list. Can be opened like any member. */
  readonly hidden: readonly Member[]
  /** Bytes, not all zero, that no record holds, hidden members among them. */
  readonly gaps: readonly Gap[]
}

/** More lies than this are not listed one by one. */
const LIES_MAX = 1_000

/**
 * Looks for what would let two readers disagree, or hide something from all that go by the directory. Reads every local header (a few
 * hundred bytes each) and the bytes between members. `peek` is shown what was read on the way of data that are stored as they are: their first
 * bytes, valid until it returns.
 */
export async function auditZip(
  zip: Zip,
  options?: CallOptions,
  peek?: (member: Member, start: Uint8Array) => void,
): Promise<ZipAudit> {
  const lies = [...zip.lies, ...duplicates(zip.members)]
  const claims: Claim[] = [
    { start: zip.end.offset, end: zip.end.offset + zip.end.bytes, member: undefined },
    { start: zip.end.endOffset, end: zip.end.tailOffset, member: undefined },
  ]
  const near = { ...zip, source: nearSource(zip.source) }
  let before: Claim | undefined
  // Forwards only, so that a descriptor, the header behind it and the start of its data take one read.
  for (const member of zip.members.toSorted((a, b) => a.offset - b.offset)) {
    const until = member.offset
    if (before !== undefined && before.end < until)
      before.descriptor = {
        until,
        bytes: await descriptorBytes(near.source, before.end, until, before.member, options),
      }
    const { data, end } = await compareLocalHeader(near, member, lies, options)
    if (data !== undefined && peek !== undefined && isPlain(member))
      peek(member, near.source.held(data).subarray(0, member.size))
    before = { start: until, end, member }
    claims.push(before)
    if (lies.length > LIES_MAX) return { lies, hidden: [], gaps: [] }
  }
  claims.sort((a, b) => a.start - b.start || a.end - b.end)
  lies.push(...overlaps(claims))
  const { hidden, gaps } = await searchGaps(zip, claims, lies, options)
  return { lies, hidden, gaps }
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
