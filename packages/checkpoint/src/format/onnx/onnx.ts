import type { CallOptions } from '@art/core'
import type { ModelFile, Tensor, Value } from '../../model-file.ts'
import type { OpenBeside, Source } from '../../source.ts'
import { cursorOf } from '../../source/cursor.ts'
import { checkName, TENSORS_MAX } from '../bounds.ts'
import { warn } from '../warning.ts'
import { externalFiles } from './external.ts'
import { type GraphContent, readGraph, readNode } from './graph.ts'
import { type TensorContext, tensorOf } from './tensor.ts'
import { type Range, readEntry } from './tensor-proto.ts'
import { BYTES, VARINT, type WireReader, wireReader } from './wire.ts'

/**
 * Reads an ONNX model (onnx/onnx.proto, 1.23): walks the protobuf messages and jumps over the data. Metadata are `metadata_props`, and of
 * the model itself `onnx.ir_version`, `onnx.opset.<domain>`, `onnx.domain`, `onnx.model_version`, `onnx.graph`. Data in other files are
 * opened through `openBeside`, and closed by the model's `close`. Fails with `CORRUPT`, and with `PATH_UNSAFE` where they would be outside
 * the model's folder.
 */
export async function readOnnx(source: Source, openBeside?: OpenBeside, options?: CallOptions): Promise<ModelFile> {
  const reader = wireReader(cursorOf(source, options), source.name)
  const warnings: string[] = []
  const external = externalFiles(reader, openBeside, warnings)
  try {
    const tensors: Tensor[] = []
    const model = newModel(collectTensors({ source, reader, external, warnings }, tensors))
    await readModelProto(reader, { start: 0, end: source.size }, model)
    return { ...describe(model, tensors), warnings, close: () => external.close() }
  } catch (error) {
    await external.close()
    throw error
  }
}

function collectTensors(context: TensorContext, tensors: Tensor[]): GraphContent['onInitializer'] {
  const { reader, warnings } = context
  const names = new Set<string>()
  return async (proto, layout) => {
    if (tensors.length === TENSORS_MAX) throw reader.fail(`it has more than ${TENSORS_MAX} tensors`)
    checkName(proto.name, reader.fail)
    if (names.has(proto.name)) warn(warnings, `two tensors are named ${proto.name}`)
    names.add(proto.name)
    tensors.push(await tensorOf(context, proto, layout))
  }
}

function describe(model: ModelProto, tensors: readonly Tensor[]): Omit<ModelFile, 'warnings'> {
  const names = new Set(tensors.map(({ name }) => name))
  const { outputs, operators, nodes } = model.content
  // Until IR version 4 every initializer was an input too.
  const inputs = model.content.inputs.filter(({ name }) => !names.has(name))
  const sorted = new Map([...operators].sort(([a], [b]) => (a < b ? -1 : 1)))
  const producer = model.strings.get('producer_name')
  const version = model.strings.get('producer_version')
  return {
    format: 'onnx',
    tensors,
    metadata: metadataOf(model),
    ...(producer && { producer: { name: producer, ...(version && { version }) } }),
    imports: [],
    graph: { inputs, outputs, operators: sorted, nodes },
  }
}

interface ModelProto {
  readonly content: GraphContent
  readonly strings: Map<string, string>
  readonly numbers: Map<string, number | bigint>
  readonly opsets: Map<string, number | bigint>
  readonly properties: Map<string, string>
}

const STRINGS: ReadonlyMap<number, string> = new Map([
  [2, 'producer_name'],
  [3, 'producer_version'],
  [4, 'domain'],
])
const NUMBERS: ReadonlyMap<number, string> = new Map([
  [1, 'ir_version'],
  [5, 'model_version'],
])

function newModel(onInitializer: GraphContent['onInitializer']): ModelProto {
  const content: GraphContent = { inputs: [], outputs: [], operators: new Map(), nodes: 0, name: '', onInitializer }
  return { content, strings: new Map(), numbers: new Map(), opsets: new Map(), properties: new Map() }
}

async function readModelProto(reader: WireReader, message: Range, model: ModelProto): Promise<void> {
  const { content } = model
  await reader.walk(message, (field) => {
    const string = STRINGS.get(field.number)
    if (string !== undefined) return reader.text(field).then((text) => void model.strings.set(string, text))
    const number = NUMBERS.get(field.number)
    if (number !== undefined && field.wire === VARINT) model.numbers.set(number, field.value)
    if (field.wire !== BYTES) return
    if (field.number === 7) return readGraph(reader, field, content, true)
    if (field.number === 8) return readOpset(reader, field, model.opsets)
    if (field.number === 14) return readEntry(reader, field, model.properties)
    if (field.number === 20) return readTraining(reader, field, content)
    if (field.number === 25) return readFunction(reader, field, content)
  })
}

/** OperatorSetIdProto: `domain` 1, where none means `ai.onnx`; `version` 2. */
async function readOpset(reader: WireReader, message: Range, opsets: Map<string, number | bigint>): Promise<void> {
  let domain = ''
  let version: number | bigint = 0
  await reader.walk(message, async (field) => {
    if (field.number === 1) domain = await reader.text(field)
    if (field.number === 2 && field.wire === VARINT) version = field.value
  })
  opsets.set(domain === '' ? 'ai.onnx' : domain, version)
}

/** TrainingInfoProto: graphs `initialization` 1 and `algorithm` 2. */
async function readTraining(reader: WireReader, message: Range, content: GraphContent): Promise<void> {
  await reader.walk(message, (field) => {
    const isGraph = (field.number === 1 || field.number === 2) && field.wire === BYTES
    return isGraph ? readGraph(reader, field, content, false) : undefined
  })
}

/** FunctionProto: `node` 7. */
async function readFunction(reader: WireReader, message: Range, content: GraphContent): Promise<void> {
  await reader.walk(message, (field) => {
    return field.number === 7 && field.wire === BYTES ? readNode(reader, field, content) : undefined
  })
}

function metadataOf({ properties, strings, numbers, opsets, content }: ModelProto): Map<string, Value> {
  const metadata = new Map<string, Value>(properties)
  for (const [key, value] of numbers) metadata.set(`onnx.${key}`, value)
  for (const [domain, version] of opsets) metadata.set(`onnx.opset.${domain}`, version)
  const domain = strings.get('domain')
  if (domain) metadata.set('onnx.domain', domain)
  if (content.name !== '') metadata.set('onnx.graph', content.name)
  return metadata
}
