import { LOCAL_HEADER, LOCAL_HEADER_BYTES } from './layout.ts'
import { decodeName } from './name.ts'

/** Do these first bytes of a file begin a zip archive? torch and NumPy ask no more than that. */
export function isZipStart(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === LOCAL_HEADER
}

/** The name of the member that an archive begins with, as far as these bytes hold it: also of one that is cut off. */
export function firstName(bytes: Uint8Array): string {
  if (!isZipStart(bytes) || bytes.length < LOCAL_HEADER_BYTES) return ''
  const length = viewOf(bytes).getUint16(26, true)
  return decodeName(bytes.subarray(LOCAL_HEADER_BYTES, LOCAL_HEADER_BYTES + length))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
