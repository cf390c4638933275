import type { CallOptions } from '@art/core'
import type { Source } from '../../source.ts'
import { BYTES, readVarint, VARINT } from './wire.ts'

const IR_VERSION = 1
const GRAPH = 7
/** Field → wire type, of ModelProto. */
const FIELDS: ReadonlyMap<number, number> = new Map([
  [IR_VERSION, VARINT],
  [2, BYTES],
  [3, BYTES],
  [4, BYTES],
  [5, VARINT],
  [6, BYTES],
  [GRAPH, BYTES],
  [8, BYTES],
  [14, BYTES],
  [20, BYTES],
  [25, BYTES],
  [26, BYTES],
])
/** First bytes of a GraphProto: tags of its fields, in the order that serializers write them. */
const GRAPH_TAGS: ReadonlySet<number> = new Set([0x0a, 0x12, 0x2a, 0x52, 0x5a, 0x62, 0x6a, 0x72, 0x7a, 0x82])

const IR_VERSION_MAX = 255
const FIELDS_MAX = 100_000
const HEAD_MAX = 15

/**
 * Is it an ONNX model? The format has no magic bytes: it is one if nothing but fields of ModelProto follow one another to the end, an IR
 * version and a graph among them. A graph that is cut off counts, so that its reader can say so.
 */
export async function isOnnx(source: Source, options?: CallOptions): Promise<boolean> {
  let hasVersion = false
  let hasGraph = false
  let fields = 0
  let at = 0
  while (at < source.size) {
    if (++fields > FIELDS_MAX) return false
    const bytes = await source.read(at, Math.min(HEAD_MAX, source.size - at), options)
    const tag = readVarint(bytes, 0)
    const next = tag && readVarint(bytes, tag.next)
    if (tag === undefined || next === undefined || typeof next.value !== 'number') return false
    const number = Math.floor(Number(tag.value) / 8)
    if (FIELDS.get(number) !== Number(tag.value) % 8) return false
    if (number === IR_VERSION) {
      if (next.value < 1 || next.value > IR_VERSION_MAX) return false
      hasVersion = true
    }
    const isMessage = FIELDS.get(number) === BYTES
    const start = at + next.next
    at = isMessage ? start + next.value : start
    if (number !== GRAPH) continue
    const first = bytes[next.next]
    if (next.value > 0 && first !== undefined && !GRAPH_TAGS.has(first)) return false
    if (at > source.size) return hasVersion
    hasGraph = true
  }
  return at === source.size && hasVersion && hasGraph
}
