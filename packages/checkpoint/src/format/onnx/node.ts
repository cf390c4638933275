import type { Range } from './tensor-proto.ts'
import { BYTES, type Field, type WireReader } from './wire.ts'

/** What counts of a NodeProto. */
export interface NodeHead {
  operator: string
  domain: string
  /** Where the graphs in its attributes lie. */
  readonly graphs: Range[]
}

/** Almost all nodes are smaller and are read without waiting for each field: a graph may have a hundred thousand. */
const HELD_MAX = 64 << 10

/** NodeProto: `op_type` 4, `attribute` 5, `domain` 7. */
export function readNodeHead(reader: WireReader, message: Range): NodeHead | Promise<NodeHead> {
  const size = message.end - message.start
  if (size > HELD_MAX) return walkNode(reader, message)
  reader.cursor.position = message.start
  const waiting = reader.cursor.need(size)
  return waiting === undefined ? scanNode(reader, message) : waiting.then(() => scanNode(reader, message))
}

function scanNode(reader: WireReader, message: Range): NodeHead {
  const node: NodeHead = { operator: '', domain: '', graphs: [] }
  const bytes = reader.cursor.take(message.end - message.start)
  reader.scan(bytes, message.start, (field) => {
    if (field.wire !== BYTES) return
    const content = bytes.subarray(field.start - message.start, field.end - message.start)
    if (field.number === 4) node.operator = content.toString()
    if (field.number === 7) node.domain = content.toString()
    if (field.number !== 5) return
    reader.scan(content, field.start, (part) => {
      if (isGraph(part)) node.graphs.push({ start: part.start, end: part.end })
    })
  })
  return node
}

async function walkNode(reader: WireReader, message: Range): Promise<NodeHead> {
  const node: NodeHead = { operator: '', domain: '', graphs: [] }
  await reader.walk(message, async (field) => {
    if (field.number === 4) node.operator = await reader.text(field)
    if (field.number === 7) node.domain = await reader.text(field)
    if (field.number !== 5 || field.wire !== BYTES) return
    await reader.walk(field, (part) => {
      if (isGraph(part)) node.graphs.push({ start: part.start, end: part.end })
    })
  })
  return node
}

/** Of AttributeProto: `g` 6, `graphs` 11. */
function isGraph({ number, wire }: Field): boolean {
  return (number === 6 || number === 11) && wire === BYTES
}
