// AssemblyScript: see build.mjs.
/** A chunk is 128 KiB at most; what is written may run over by less than this. */
const SLACK: i32 = 64
const CHUNK: i32 = 128 << 10

/** Raw chunk. */
export const RAW: usize = memory.data(CHUNK + SLACK, 16)
/** Its planes, each from a multiple of 16. */
export const PLANES: usize = memory.data(CHUNK + 8 * SLACK, 16)
/** Stored chunk. */
export const STORED: usize = memory.data(CHUNK + 8 * SLACK, 16)
