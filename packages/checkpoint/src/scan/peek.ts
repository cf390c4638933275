import type { CallOptions } from '@art/core'
import { OPCODE_FORMS } from '../pickle/opcode-table.ts'
import { ENCRYPTED, LOCAL_HEADER, LOCAL_HEADER_BYTES, STORED } from '../zip/layout.ts'
import type { Member, Zip } from '../zip/zip.ts'

/** Torch pads an extra field so that data begin at multiples of 64 bytes. */
const EXTRA = 160

/** Of a checkpoint's thousands of storages most are done with by their first byte. */
export function beginsPickle(first: number): boolean {
  return OPCODE_FORMS[first] !== 0
}

/** False where a member's first byte begins no pickle, no array and no archive, by one short read. */
export async function mayHoldPickle(zip: Zip, member: Member, options?: CallOptions): Promise<boolean> {
  const isPlain = member.method === STORED && member.size === member.compressedSize && (member.flags & ENCRYPTED) === 0
  const room = zip.source.size - member.offset
  if (!isPlain || room < LOCAL_HEADER_BYTES) return true
  const wanted = LOCAL_HEADER_BYTES + Buffer.byteLength(member.name) + EXTRA
  const bytes = Buffer.from(await zip.source.read(member.offset, Math.min(wanted, room), options))
  if (bytes.readUInt32LE(0) !== LOCAL_HEADER) return true
  const first = bytes[LOCAL_HEADER_BYTES + bytes.readUInt16LE(26) + bytes.readUInt16LE(28)]
  return first === undefined || beginsPickle(first)
}
