import { crc32 as crc32OfZlib } from 'node:zlib'

// Loading node:zlib costs 3 ms, which a short command would notice; sixteen words are as good for this many bytes.
const FEW = 4 * 1024

/** The crc of each half byte. */
const TABLE = Int32Array.of(
  0,
  0x1db71064,
  0x3b6e20c8,
  0x26d930ac,
  0x76dc4190,
  0x6b6b51f4,
  0x4db26158,
  0x5005713c,
  0xedb88320,
  0xf00f9344,
  0xd6d6a3e8,
  0xcb61b38c,
  0x9b64c2b0,
  0x86d3d2d4,
  0xa00ae278,
  0xbdbdf21c,
)

/** The crc32 of zlib, PNG and gzip; `value` is that of the bytes before. */
export function crc32(bytes: Uint8Array, value = 0): number {
  if (bytes.length > FEW) return crc32OfZlib(bytes, value)
  let crc = ~value
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i]!
    crc = TABLE[crc & 15]! ^ (crc >>> 4)
    crc = TABLE[crc & 15]! ^ (crc >>> 4)
  }
  return ~crc >>> 0
}
