import { crc32 as crc32OfZlib } from 'node:zlib'

// Loading node:zlib costs 3 ms, which a short command would notice; a table is as good for this many bytes.
const FEW = 64 * 1024

let table: Int32Array | undefined

/** The crc32 of zlib, PNG and gzip; `value` is that of the bytes before. */
export function crc32(bytes: Uint8Array, value = 0): number {
  if (bytes.length > FEW) return crc32OfZlib(bytes, value)
  table ??= makeTable()
  let crc = ~value
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

function makeTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    return crc
  })
}
