import type { Member } from './archive.ts'

/** Bytes that belong to one record of the archive. */
export interface Claim {
  readonly start: number
  readonly end: number
  readonly member: Member | undefined
}
