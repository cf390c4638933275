/** 'ARTRCP1' and a zero byte. */
export const RECIPE_MAGIC: Uint8Array = Buffer.from('ARTRCP1\0', 'latin1')
export const RECIPE_VERSION = 1
/** Magic to run count. */
export const RECIPE_FIXED_BYTES = 60
/** 16 bytes of name, size u32, chunks u32. */
export const PACK_BYTES = 24
/** Bytes of a recipe at most: two million scattered runs, and some 100 MB while it is followed. */
export const RECIPE_BYTES_MAX = 16 << 20
/** 8 TiB in packs of 32 MiB. */
export const RECIPE_PACKS_MAX = 1 << 18
