import type { Source } from '../source.ts'
import type { ZipEnd } from './end.ts'
import type { ZipLie } from './lie.ts'

/** One file in an archive, as the central directory describes it. Nothing of it is checked until it is opened. */
export interface Member {
  /** As written: data, never a path to open. Bytes that are no UTF-8 stand as lone surrogates. */
  readonly name: string
  /** 0 stored, 8 deflated; others cannot be opened. */
  readonly method: number
  readonly flags: number
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
  /** Of its local header in the archive's source. */
  readonly offset: number
}

export interface Zip {
  readonly source: Source
  /** In the directory's order. Of two with one name torch opens the first, Python the last. */
  readonly members: readonly Member[]
  readonly end: ZipEnd
  /** Seen while the directory was read; `auditZip` finds the rest. */
  readonly lies: readonly ZipLie[]
}

/** The member of that name as torch finds it: the first, upper and lower case (of ASCII) alike. */
export function findMember(zip: Zip, name: string): Member | undefined {
  const wanted = foldName(name)
  return zip.members.find((member) => foldName(member.name) === wanted)
}

/** Names that torch takes for the same are the same. */
export function foldName(name: string): string {
  return /[A-Z]/.test(name) ? name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name
}
