/** Bytes of a whole pack at most, table and footer included. */
export const PACK_MAX = 64 << 20
/** Bytes of an entry's content at most. Chunks are smaller; whole small files in the local cache are not. */
export const ENTRY_RAW_MAX = 1 << 20
export const ENTRY_BYTES = 44
export const FOOTER_BYTES = 20
export const PACK_VERSION = 1
export const HASH_SHA256 = 1
/** 'ARTPACK1' */
export const PACK_MAGIC: Uint8Array = Buffer.from('ARTPACK1', 'latin1')

/** Bytes of the table of `count` entries and the footer. */
export function packTailSize(count: number): number {
  return count * ENTRY_BYTES + FOOTER_BYTES
}
