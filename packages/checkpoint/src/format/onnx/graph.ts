import type { Port } from '../../model-file.ts'
import { DTYPES } from './dtype.ts'
import { readNodeHead } from './node.ts'
import { type Range, readTensorProto, type TensorProto } from './tensor-proto.ts'
import { BYTES, type Field, VARINT, type WireReader } from './wire.ts'

/** What a model's graphs and functions hold together. */
export interface GraphContent {
  readonly inputs: Port[]
  readonly outputs: Port[]
  readonly operators: Map<string, number>
  nodes: number
  name: string
  /** Called for each in the order of the file, those of graphs within graphs too. */
  readonly onInitializer: (proto: TensorProto, layout?: string) => void | Promise<void>
}

/** Elements of a sparse initializer that are not zero, and where they belong: fields of SparseTensorProto. */
const SPARSE_PARTS: ReadonlyMap<number, string> = new Map([
  [1, 'values'],
  [2, 'indices'],
])

/** Reads a GraphProto into `content`. Ports are those of the outermost graph, initializers and nodes those of all. */
export async function readGraph(
  reader: WireReader,
  message: Range,
  content: GraphContent,
  isOutermost: boolean,
): Promise<void> {
  await reader.walk(message, (field) => {
    if (field.wire !== BYTES) return
    if (field.number === 1) return readNode(reader, field, content)
    if (field.number === 5) return readTensorProto(reader, field).then((proto) => content.onInitializer(proto))
    if (field.number === 15) return readSparse(reader, field, content)
    if (!isOutermost) return
    if (field.number === 2) return reader.text(field).then((name) => void (content.name = name))
    if (field.number === 11) return readPort(reader, field, content.inputs)
    if (field.number === 12) return readPort(reader, field, content.outputs)
  })
}

async function readSparse(reader: WireReader, message: Range, content: GraphContent): Promise<void> {
  const parts = new Map<string, TensorProto>()
  await reader.walk(message, async (field) => {
    const part = SPARSE_PARTS.get(field.number)
    if (part !== undefined && field.wire === BYTES) parts.set(part, await readTensorProto(reader, field))
  })
  const name = parts.get('values')?.name ?? ''
  for (const [part, proto] of parts) {
    proto.name = `${name}.${part}`
    await content.onInitializer(proto, 'sparse_coo')
  }
}

/** A NodeProto: counted by operator, and the graphs in its attributes are read. */
export async function readNode(reader: WireReader, message: Range, content: GraphContent): Promise<void> {
  const reading = readNodeHead(reader, message)
  const { operator, domain, graphs } = reading instanceof Promise ? await reading : reading
  const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}::${operator}`
  content.operators.set(name, (content.operators.get(name) ?? 0) + 1)
  content.nodes++
  for (const graph of graphs) await readGraph(reader, graph, content, false)
}

/** ValueInfoProto: `name` 1, `type` 2; TypeProto: `tensor_type` 1; Tensor: `elem_type` 1, `shape` 2. Others have neither. */
async function readPort(reader: WireReader, message: Range, ports: Port[]): Promise<void> {
  let name = ''
  let dtype: string | undefined
  let shape: (number | string)[] | undefined
  const readTensorType = (field: Field): Promise<void> | undefined => {
    if (field.number !== 1 || field.wire !== BYTES) return
    return reader.walk(field, async (part) => {
      if (part.number === 1 && part.wire === VARINT) dtype = DTYPES.get(Number(part.value))?.name
      if (part.number === 2 && part.wire === BYTES) shape = await readShape(reader, part)
    })
  }
  await reader.walk(message, async (field) => {
    if (field.number === 1) name = await reader.text(field)
    if (field.number === 2 && field.wire === BYTES) await reader.walk(field, readTensorType)
  })
  ports.push({ name, dtype, shape })
}

/** TensorShapeProto: `dim` 1; Dimension: `dim_value` 1, `dim_param` 2. One without either is `?`. */
async function readShape(reader: WireReader, message: Range): Promise<(number | string)[]> {
  const shape: (number | string)[] = []
  await reader.walk(message, async (field) => {
    if (field.number !== 1 || field.wire !== BYTES) return
    let size: number | string = '?'
    await reader.walk(field, async (part) => {
      if (part.number === 1 && typeof part.value === 'number') size = part.value
      if (part.number === 2) size = (await reader.text(part)) || '?'
    })
    shape.push(size)
  })
  return shape
}
