// AssemblyScript: see build.mjs.
// Samples of chunks, byte planes and Huffman-only deflate, with nothing allocated. Formats: docs/formats.md.
export { RAW, STORED } from './memory'
export { COUNT_LOGS, ENTROPIES, repeats, sample } from './sample'
export { join, planeAt, split } from './planes'
export { deflate } from './deflate'
export { inflate } from './inflate'
