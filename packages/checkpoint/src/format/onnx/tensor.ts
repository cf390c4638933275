import type { Storage, Tensor } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { countBytes, countElements } from '../extent.ts'
import { warn } from '../warning.ts'
import { DOUBLE_DATA, DTYPES, FLOAT_DATA, type OnnxDtype, STRING_DATA } from './dtype.ts'
import type { ExternalFiles } from './external.ts'
import type { Range, TensorProto } from './tensor-proto.ts'
import { joinedSource, stringSource, varintSource } from './typed-data.ts'
import type { WireReader } from './wire.ts'

export interface TensorContext {
  readonly source: Source
  readonly reader: WireReader
  readonly external: ExternalFiles
  readonly warnings: string[]
}

/**
 * A tensor of a TensorProto: elements of `raw_data` stay where they are; those of the typed fields are decoded when they are read; those in
 * other files are found, or left out with a warning where the file is not there. Fails with `CORRUPT` where they do not fit the shape.
 */
export async function tensorOf(context: TensorContext, proto: TensorProto, layout?: string): Promise<Tensor> {
  const { reader, warnings } = context
  const { name } = proto
  // Without the room that a list has for more.
  const shape = proto.dims.slice()
  const elements = countElements(shape)
  if (elements === undefined) throw reader.fail(`the shape of ${name} is beyond all numbers`)
  const base = { name, shape, elements, offset: 0, ...(layout === undefined ? {} : { layout }) }
  const dtype = DTYPES.get(proto.type)
  if (dtype === undefined) {
    warn(warnings, `${name} is of data type ${proto.type}, which is not known here: its data are not read`)
    return { ...base, dtype: `onnx_type_${proto.type}`, bytes: 0, storage: undefined }
  }
  const known = { ...base, dtype: dtype.name }
  if (dtype.field === STRING_DATA) {
    const storage = stringStorage(context, proto, elements)
    return { ...known, bytes: storage.length, storage }
  }
  const bytes = countBytes(elements, dtype.bits)
  if (bytes === undefined) throw reader.fail(`the shape of ${name} is beyond all numbers`)
  return { ...known, bytes, storage: await storageOf(context, proto, dtype, { elements, bytes }) }
}

interface Extent {
  readonly elements: number
  readonly bytes: number
}

/** Data in another file come before raw data, and those before typed ones: as onnx's own `to_array` takes them. */
async function storageOf(
  context: TensorContext,
  proto: TensorProto,
  dtype: OnnxDtype,
  extent: Extent,
): Promise<Storage | undefined> {
  if (proto.external !== undefined) return context.external.storage(proto.external, extent.bytes, proto.name)
  if (proto.raw === undefined) return typedStorage(context, proto, dtype, extent)
  const { start, end } = proto.raw
  if (end - start !== extent.bytes) {
    throw context.reader.fail(`${proto.name} has ${end - start} bytes, and its shape needs ${extent.bytes}`)
  }
  return inPlace(context.source, { start, end })
}

function inPlace(source: Source, { start, end }: Range): Storage {
  return { source, offset: start, length: end - start, bigEndian: false, place: { offset: start } }
}

function elsewhere(source: Source): Storage {
  return { source, offset: 0, length: source.size, bigEndian: false }
}

function typedStorage(context: TensorContext, proto: TensorProto, dtype: OnnxDtype, extent: Extent): Storage {
  const { source, reader } = context
  const ranges = proto.typed.get(dtype.field) ?? []
  const stored = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  const label = `${source.name}:${proto.name}`
  if (dtype.field === FLOAT_DATA || dtype.field === DOUBLE_DATA) {
    if (stored !== extent.bytes) {
      throw reader.fail(`${proto.name} has ${stored} bytes, and its shape needs ${extent.bytes}`)
    }
    return ranges.length === 1 ? inPlace(source, ranges[0]!) : elsewhere(joinedSource(source, ranges, label))
  }
  // Each number takes 1 to 10 bytes; whether they are as many as the shape needs is seen when they are read.
  const numbers = dtype.bits < 6 ? extent.bytes : extent.elements
  if (stored < numbers || stored > numbers * 10) {
    throw reader.fail(`${proto.name} has ${stored} bytes for ${numbers} numbers`)
  }
  return elsewhere(varintSource(source, ranges, { bits: dtype.bits, ...extent }, reader, label))
}

function stringStorage({ source, reader }: TensorContext, proto: TensorProto, elements: number): Storage {
  const ranges = proto.typed.get(STRING_DATA) ?? []
  if (ranges.length !== elements) throw reader.fail(`${proto.name} has ${ranges.length} strings of ${elements}`)
  return elsewhere(stringSource(source, ranges, `${source.name}:${proto.name}`))
}
