/** How a chunk is stored: the byte in a pack's table. `PLANES + n` splits into 2^n byte planes. */
export const RAW = 0
export const DEFLATE = 1
export const PLANES = 0x10
export const STRIDES_LOG2_MAX = 3

/** How a plane is stored: the fourth byte of its header. */
export const PLANE_RAW = 0
export const PLANE_DEFLATE = 1
/** The whole plane is one byte, repeated. */
export const PLANE_FILL = 2
/** u24 stored length, u8 method */
export const PLANE_HEAD_BYTES = 4
