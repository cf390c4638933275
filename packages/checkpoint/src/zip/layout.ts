import { ArtError } from '@art/core'
import type { Member } from './archive.ts'

/** Zip as PKWARE's APPNOTE 6.3 lays it out; all numbers are little-endian. */
export const LOCAL_HEADER = 0x0403_4b50
export const CENTRAL_HEADER = 0x0201_4b50
export const END_RECORD = 0x0605_4b50
export const ZIP64_LOCATOR = 0x0706_4b50
export const ZIP64_END_RECORD = 0x0606_4b50
export const DATA_DESCRIPTOR = 0x0807_4b50

export const LOCAL_HEADER_BYTES = 30
export const CENTRAL_HEADER_BYTES = 46
export const END_RECORD_BYTES = 22
export const ZIP64_LOCATOR_BYTES = 20
export const ZIP64_END_RECORD_BYTES = 56
export const COMMENT_MAX = 0xffff

export const STORED = 0
export const DEFLATED = 8

/** General purpose flags. */
export const ENCRYPTED = 1
export const SIZES_FOLLOW = 1 << 3

/** Far above what a checkpoint has; below them a directory takes less than 150 MB of memory. */
export const MEMBERS_MAX = 250_000
export const DIRECTORY_BYTES_MAX = 48 << 20

/** Do its bytes stand in the archive as they are? */
export function isPlain({
  method,
  size,
  compressedSize,
  flags,
}: Pick<Member, 'method' | 'size' | 'compressedSize' | 'flags'>): boolean {
  return method === STORED && size === compressedSize && (flags & ENCRYPTED) === 0
}

export function corruptZip(path: string, what: string): ArtError {
  return new ArtError('CORRUPT', `damaged zip archive: ${what}`, { path, hint: 'Fetch or save the file again.' })
}
