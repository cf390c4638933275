import { LIMITS } from '../../model-file.ts'

const LENGTH_BYTES = 8

/** As many bytes of a file's start as `indexKind` looks at. */
export const INDEX_START_BYTES = 64 << 10

/**
 * Do these bytes begin a safetensors file? A header length that cannot be counts too, where the header's own words follow: such a file is
 * a damaged one, or a trap, not something else.
 */
export function isSafetensorsStart(start: Uint8Array): boolean {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength)
  if (bytes.length <= LENGTH_BYTES || bytes[LENGTH_BYTES] !== 0x7b) return false
  if (bytes.readBigUInt64LE(0) <= BigInt(LIMITS.tableBytes)) return true
  const text = bytes.toString('latin1', LENGTH_BYTES)
  return text.includes('"data_offsets"') || text.includes('"__metadata__"')
}

/** What the files of a sharded model are whose index, `*.index.json`, begins with these bytes; undefined where they begin something else. */
export function indexKind(start: Uint8Array): 'safetensors' | 'pytorch' | undefined {
  const text = Buffer.from(start.buffer, start.byteOffset, start.byteLength).toString('latin1')
  if (!/^\s*\{/.test(text) || !text.includes('"weight_map"')) return undefined
  if (text.includes('.safetensors"')) return 'safetensors'
  return text.includes('.bin"') ? 'pytorch' : undefined
}
