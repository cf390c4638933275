import type { CallOptions } from '@art/core'
import type { Member, Zip } from './archive.ts'
import { LOCAL_HEADER, LOCAL_HEADER_BYTES, SIZES_FOLLOW } from './layout.ts'
import type { ZipLie } from './lie.ts'
import { encodeName } from './name.ts'

/** Where the member's data begin by its local header, and end. What that says differently is added to `lies`. */
export async function compareLocalHeader(
  zip: Zip,
  member: Member,
  lies: ZipLie[],
  options?: CallOptions,
): Promise<{ data: number | undefined; end: number }> {
  const { source } = zip
  const lie = (message: string): void => {
    lies.push({ kind: 'local', member: member.name, offset: member.offset, message })
  }
  const fixed = await readWithin(source.size, member.offset, LOCAL_HEADER_BYTES, zip, options)
  const view = new DataView(fixed.buffer, fixed.byteOffset, fixed.byteLength)
  if (fixed.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== LOCAL_HEADER) {
    lie('there is no local header')
    return { data: undefined, end: member.offset }
  }
  const local = readLocalHeader(view)
  const variable = Buffer.from(
    await readWithin(source.size, member.offset + LOCAL_HEADER_BYTES, local.nameBytes + local.extraBytes, zip, options),
  )
  const name = variable.subarray(0, local.nameBytes)
  if (!name.equals(encodeName(member.name))) lie('the local header has another name')
  if (local.method !== member.method) lie('the local header has another compression method')
  if (((local.flags ^ member.flags) & 1) !== 0) lie('only one of the headers says that it is encrypted')
  const sizes = localSizes(local, variable.subarray(local.nameBytes))
  const areLeftOut = (local.flags & SIZES_FOLLOW) !== 0 && sizes.size === 0 && sizes.compressedSize === 0
  if (!areLeftOut && (sizes.size !== member.size || sizes.compressedSize !== member.compressedSize)) {
    lie('the local header has other sizes')
  }
  const data = member.offset + LOCAL_HEADER_BYTES + local.nameBytes + local.extraBytes
  if (data + member.compressedSize > source.size) lie('its bytes run out of the file')
  return { data, end: data + member.compressedSize }
}

async function readWithin(
  size: number,
  offset: number,
  length: number,
  zip: Zip,
  options?: CallOptions,
): Promise<Uint8Array> {
  return zip.source.read(offset, Math.max(0, Math.min(length, size - offset)), options)
}

interface LocalHeader {
  flags: number
  method: number
  compressedSize: number
  size: number
  nameBytes: number
  extraBytes: number
}

export function readLocalHeader(view: DataView): LocalHeader {
  return {
    flags: view.getUint16(6, true),
    method: view.getUint16(8, true),
    compressedSize: view.getUint32(18, true),
    size: view.getUint32(22, true),
    nameBytes: view.getUint16(26, true),
    extraBytes: view.getUint16(28, true),
  }
}

/** With those of the zip64 field, which a local header has in full: size, then compressed size. */
export function localSizes(local: LocalHeader, extra: Buffer): { size: number; compressedSize: number } {
  const { size, compressedSize } = local
  if (size !== 0xffff_ffff && compressedSize !== 0xffff_ffff) return { size, compressedSize }
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1 || at + 20 > extra.length) continue
    return {
      size: size === 0xffff_ffff ? Number(extra.readBigUInt64LE(at + 4)) : size,
      compressedSize: compressedSize === 0xffff_ffff ? Number(extra.readBigUInt64LE(at + 12)) : compressedSize,
    }
  }
  return { size, compressedSize }
}
