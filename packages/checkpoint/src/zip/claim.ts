import type { Member } from './archive.ts'

/** Bytes that belong to one record of the archive. */
export interface Claim {
  readonly start: number
  readonly end: number
  readonly member: Member | undefined
  /** Bytes of the data descriptor that was looked for between its end and `until`. */
  descriptor?: { readonly until: number; readonly bytes: number }
}
