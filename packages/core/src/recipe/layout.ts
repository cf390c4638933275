/** 'ARTRCP1' and a zero byte. */
export const RECIPE_MAGIC: Uint8Array = Buffer.from('ARTRCP1\0', 'latin1')
export const RECIPE_VERSION = 1
/** Magic to run count. */
export const RECIPE_FIXED_BYTES = 60
/** 16 bytes of name, size u32, chunks u32. */
export const PACK_BYTES = 24
