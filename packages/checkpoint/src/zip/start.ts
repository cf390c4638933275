import { LOCAL_HEADER } from './layout.ts'

/** Do these first bytes of a file begin a zip archive? torch and NumPy ask no more than that. */
export function isZipStart(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true) === LOCAL_HEADER
}
