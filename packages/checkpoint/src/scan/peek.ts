import type { CallOptions } from '@art/core'
import { OP, OpcodeReader } from '../pickle/opcodes.ts'
import { isPlain, LOCAL_HEADER, LOCAL_HEADER_BYTES } from '../zip/layout.ts'
import { isZipStart, type Member, type Zip } from '../zip/zip.ts'
import { isNumpyStart } from './numpy.ts'

/** Torch pads an extra field so that data begin at multiples of 64 bytes. */
const EXTRA = 160

/** From here on a pickle may be worth a report; before, one that goes wrong is none. */
const TELLING: ReadonlySet<number> = new Set([OP.STOP, OP.GLOBAL, OP.INST, OP.STACK_GLOBAL, OP.EXT1, OP.EXT2, OP.EXT4])

/**
 * False for data of `size` bytes, of which the first are given, where these are no archive, no array, and no opcodes that come to an import or
 * an end: of a checkpoint's thousands of storages nearly all are done with by that.
 */
export function mayBePickle(start: Uint8Array, size: number): boolean {
  if (isZipStart(start) || isNumpyStart(start)) return true
  const reader = new OpcodeReader(start, 0, size - start.length)
  try {
    while (!TELLING.has(reader.next())) {
      // Up to what tells.
    }
    return true
  } catch {
    return reader.cutOff
  }
}

/** The same of a member of which nothing has been read, by one short read. */
export async function mayHoldPickle(zip: Zip, member: Member, options?: CallOptions): Promise<boolean> {
  const room = zip.source.size - member.offset
  if (!isPlain(member) || room < LOCAL_HEADER_BYTES) return true
  const wanted = LOCAL_HEADER_BYTES + Buffer.byteLength(member.name) + EXTRA
  const bytes = Buffer.from(await zip.source.read(member.offset, Math.min(wanted, room), options))
  if (bytes.readUInt32LE(0) !== LOCAL_HEADER) return true
  const data = LOCAL_HEADER_BYTES + bytes.readUInt16LE(26) + bytes.readUInt16LE(28)
  return mayBePickle(bytes.subarray(data, data + member.size), member.size)
}
