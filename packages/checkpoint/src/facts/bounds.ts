/** Bounds of the `checkpoint:` block of a pointer: it is a few figures for people and for `compare`, and no second home of a configuration. */
export const BLOCK_KEYS = 64
export const BLOCK_BYTES = 4096
