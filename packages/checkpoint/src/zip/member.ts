import { ArtError, type CallOptions } from '@art/core'
import type { Source } from '../source.ts'
import { sliceSource } from '../source/slice.ts'
import type { Member, Zip } from './archive.ts'
import { inflateSource } from './inflate.ts'
import { corruptZip, DEFLATED, ENCRYPTED, LOCAL_HEADER, LOCAL_HEADER_BYTES, STORED } from './layout.ts'

/**
 * Where a member's bytes begin in the archive's source. Torch takes the lengths of name and extra field from the local header and all
 * else from the directory; so does this. Fails with `CORRUPT` where there is no local header or the bytes would run out of the file.
 */
export async function dataOffset(zip: Zip, member: Member, options?: CallOptions): Promise<number> {
  const { source } = zip
  if (member.offset + LOCAL_HEADER_BYTES > source.size) throw corruptZip(source.name, `no member at ${member.offset}`)
  const bytes = await source.read(member.offset, LOCAL_HEADER_BYTES, options)
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (header.getUint32(0, true) !== LOCAL_HEADER) throw corruptZip(source.name, `no member at ${member.offset}`)
  const at = member.offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true)
  if (at + member.compressedSize > source.size) throw corruptZip(source.name, `a member is cut off: ${member.name}`)
  return at
}

/**
 * The bytes of a member: a slice of the archive where it is stored, inflated while reading forward where it is deflated. Its checksum is
 * not looked at: torch writes honest files with a CRC of 0, and reads any. Fails with `CORRUPT`, or `UNSUPPORTED` for other methods and
 * encrypted members. The archive's source stays its owner's to close.
 */
export async function openMember(zip: Zip, member: Member, options?: CallOptions): Promise<Source> {
  const name = `${zip.source.name}:${member.name}`
  if ((member.flags & ENCRYPTED) !== 0) throw unsupported(name, 'it is encrypted')
  if (member.method !== STORED && member.method !== DEFLATED) {
    throw unsupported(name, `it is compressed by method ${member.method}`)
  }
  const packed = sliceSource(zip.source, await dataOffset(zip, member, options), member.compressedSize, name)
  if (member.method === DEFLATED) return inflateSource(packed, member.size, name)
  if (member.size !== member.compressedSize)
    throw corruptZip(zip.source.name, `two sizes of a stored member: ${member.name}`)
  return packed
}

function unsupported(path: string, what: string): ArtError {
  return new ArtError('UNSUPPORTED', `a zip member that cannot be read: ${what}`, {
    path,
    hint: 'Save it stored or deflated, without a password.',
  })
}
