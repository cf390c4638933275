/** As many bytes of a file's start as `mayBeModel` looks at. */
export const START_BYTES = 512

/** First bytes of ONNX: tags of ModelProto's fields, of which any may come first. */
const ONNX: ReadonlySet<number> = new Set([0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca, 0xd2])

/**
 * Can a file that starts like this be a model file, or a pickle? False only where it cannot be, but for the index of a sharded model, which holds
 * none itself: it spares most files being looked at more closely, at the price of no module that is large.
 */
export function mayBeModel(start: Uint8Array): boolean {
  const first = start[0]
  if (first === undefined) return false
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(16, start.length)).toString('latin1')
  // Zip, GGUF, NumPy, a pickle's PROTO, torch's magic number in a pickle without, and the first member of its tar archives.
  if (/^(?:PK\x03\x04|GGUF|\x93NUMPY|\x80[\x00-\x05]|L11954703)/.test(text)) return true
  if (/^(?:\.\/)?(?:sys_info|pickle|tensors|storages)\0/.test(text)) return true
  return start[8] === 0x7b || ONNX.has(first)
}
