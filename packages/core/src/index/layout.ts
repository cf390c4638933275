/** 'ARTIDX1' and a zero byte. */
export const INDEX_MAGIC: Uint8Array = Buffer.from('ARTIDX1\0', 'latin1')
export const INDEX_VERSION = 2
/** Magic, version and number of sections u32, files and bytes f64, root, seed u64. */
export const INDEX_HEADER_BYTES = 72
/** path, names and entry counts (u32, with 4 spare bytes), tree size f64, files f64, tree oid. */
export const SECTION_HEADER_BYTES = 64
/** crc32 of all before it, and 4 spare bytes. */
export const INDEX_TAIL_BYTES = 8
