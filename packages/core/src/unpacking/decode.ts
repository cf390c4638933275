import { sha256 } from '../oid.ts'
import { Entries, flipped } from './entries.ts'

/** A stretch of a remote's pack that has arrived, of which some chunks are wanted in memory. */
export interface DecodeInput {
  bytes: Uint8Array
  /** Table entries of the stretch, 44 bytes each. */
  table: Uint8Array
  /** 1 for each entry that is wanted. */
  wanted: Uint8Array
}

export interface DecodeOutput {
  /** The raw bytes of what is wanted, one after another. */
  raw: Uint8Array
  transfer: ArrayBuffer[]
}

/** Decodes chunks of a stretch and checks each against its id. Fails with `CORRUPT` where one is not what the table or its id says. */
export function decodeStretch({ bytes, table, wanted }: DecodeInput): DecodeOutput {
  const entries = new Entries(table, bytes)
  let size = 0
  for (let i = 0; i < entries.count; i++) if (wanted[i] === 1) size += entries.rawLength(i)
  const raw = new Uint8Array(size)
  let at = 0
  for (let i = 0; i < entries.count; i++) {
    if (wanted[i] !== 1) continue
    const target = raw.subarray(at, at + entries.rawLength(i))
    entries.decode(i, target)
    if (!sha256(target).equals(entries.id(i))) throw flipped(entries.id(i))
    at += target.length
  }
  return { raw, transfer: [raw.buffer] }
}
