import { LIMITS } from '../../model-file.ts'
import { STRING_DATA } from './dtype.ts'
import { BYTES, type Field, VARINT, type WireReader } from './wire.ts'

/** Half-open, in the source. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A TensorProto as far as its fields go: no element was read. */
export interface TensorProto {
  name: string
  dims: number[]
  type: number
  raw: Range | undefined
  /** Field number → where its content lies, a range for each occurrence. */
  typed: ReadonlyMap<number, Range[]>
  /** Keys of `external_data`, where the data are in another file. */
  external: Map<string, string> | undefined
}

const NONE: ReadonlyMap<number, Range[]> = new Map()
const DIMS_MAX = 256
const EXTERNAL_LOCATION = 1
const TYPED: ReadonlySet<number> = new Set([4, 5, STRING_DATA, 7, 10, 11])

/** Reads a TensorProto but for its elements. Fails with `CORRUPT`. */
export async function readTensorProto(reader: WireReader, message: Range): Promise<TensorProto> {
  const tensor: TensorProto = { name: '', dims: [], type: 0, raw: undefined, typed: NONE, external: undefined }
  const keys = new Map<string, string>()
  const typed = new Map<number, Range[]>()
  let isExternal = false
  let ranges = 0
  await reader.walk(message, (field) => {
    if (field.number === 1) return readDims(reader, field, tensor.dims)
    if (field.number === 2 && field.wire === VARINT) tensor.type = Number(field.value)
    if (field.number === 8) return reader.text(field).then((name) => void (tensor.name = name))
    if (field.number === 9 && field.wire === BYTES) tensor.raw = field
    if (field.number === 13 && field.wire === BYTES) return readEntry(reader, field, keys)
    if (field.number === 14 && field.wire === VARINT) isExternal = field.value === EXTERNAL_LOCATION
    if (!TYPED.has(field.number)) return
    if (++ranges > LIMITS.values) throw reader.fail(`a tensor has more than ${LIMITS.values} parts`)
    const known = typed.get(field.number)
    if (known === undefined) typed.set(field.number, [{ start: field.start, end: field.end }])
    else known.push({ start: field.start, end: field.end })
  })
  if (isExternal) tensor.external = keys
  if (typed.size > 0) tensor.typed = typed
  return tensor
}

async function readDims(reader: WireReader, field: Field, dims: number[]): Promise<void> {
  for (const dim of await reader.varints(field)) {
    if (typeof dim !== 'number' || dims.length === DIMS_MAX) throw reader.fail('the shape of a tensor is none')
    dims.push(dim)
  }
}

/** A StringStringEntryProto: key 1, value 2. */
export async function readEntry(reader: WireReader, message: Range, entries: Map<string, string>): Promise<void> {
  let key = ''
  let value = ''
  await reader.walk(message, async (field) => {
    if (field.number === 1) key = await reader.text(field)
    if (field.number === 2) value = await reader.text(field)
  })
  entries.set(key, value)
}
