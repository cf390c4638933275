import type { CallOptions } from '@art/core'
import { LOCAL_HEADER_BYTES } from '../zip/layout.ts'
import { localSizes, readLocalHeader } from '../zip/local.ts'
import { decodeName } from '../zip/name.ts'
import type { Member, Zip } from '../zip/zip.ts'

/** A member as a reader finds it that goes by the header before its data; undefined where that says nothing else that could be opened. */
export async function localView(zip: Zip, member: Member, options?: CallOptions): Promise<Member | undefined> {
  const { source } = zip
  if (member.offset + LOCAL_HEADER_BYTES > source.size) return undefined
  const fixed = Buffer.from(await source.read(member.offset, LOCAL_HEADER_BYTES, options))
  const local = readLocalHeader(new DataView(fixed.buffer, fixed.byteOffset, fixed.byteLength))
  const variableAt = member.offset + LOCAL_HEADER_BYTES
  const length = Math.min(local.nameBytes + local.extraBytes, source.size - variableAt)
  const variable = Buffer.from(await source.read(variableAt, length, options))
  const { size, compressedSize } = localSizes(local, variable.subarray(local.nameBytes))
  const view: Member = {
    ...member,
    name: decodeName(variable.subarray(0, local.nameBytes)),
    method: local.method,
    size,
    compressedSize,
  }
  const isOther = view.method !== member.method || size !== member.size || compressedSize !== member.compressedSize
  return compressedSize > 0 && (isOther || view.name !== member.name) ? view : undefined
}
