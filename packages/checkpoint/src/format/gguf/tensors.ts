import type { Tensor } from '../../model-file.ts'
import type { Source } from '../../source.ts'
import { checkName } from '../bounds.ts'
import { countElements } from '../extent.ts'
import { warn } from '../warning.ts'
import type { GgufReader } from './reader.ts'
import { BLOCK_TYPES } from './types.ts'

/** ggml has 4; more are read as long as they are few. */
const DIMENSIONS_MAX = 8

interface TensorInfo {
  readonly name: string
  /** In ggml's order: the first is the one whose elements are neighbours. */
  readonly dimensions: readonly number[]
  readonly type: number
  /** In the data. */
  readonly offset: number
}

export async function readTensorInfos(reader: GgufReader, count: number): Promise<TensorInfo[]> {
  const infos: TensorInfo[] = []
  const names = new Set<string>()
  for (let i = 0; i < count; i++) {
    const name = await reader.string()
    checkName(name, reader.fail)
    if (names.has(name)) throw reader.fail(`two tensors are named ${name}`)
    names.add(name)
    const dimensionCount = await reader.u32()
    if (dimensionCount > DIMENSIONS_MAX) throw reader.fail(`${name} has ${dimensionCount} dimensions`)
    const dimensions: number[] = []
    for (let d = 0; d < dimensionCount; d++) dimensions.push(await reader.size())
    infos.push({ name, dimensions, type: await reader.u32(), offset: await reader.size() })
  }
  return infos
}

interface Data {
  readonly source: Source
  readonly bigEndian: boolean
  readonly dataAt: number
  readonly alignment: number
}

/** Fails with `CORRUPT` where one tensor lies outside the file, is not aligned, or shares bytes with another. */
export function placeTensors(
  reader: GgufReader,
  data: Data,
  infos: readonly TensorInfo[],
  warnings: string[],
): Tensor[] {
  const tensors = infos.map((info) => placeTensor(reader, data, info, warnings))
  const placed = tensors
    .filter(({ storage }) => storage !== undefined)
    .sort((a, b) => a.storage!.offset - b.storage!.offset || a.bytes - b.bytes)
  let end = 0
  for (const { name, storage, bytes } of placed) {
    if (storage!.offset < end && bytes > 0) throw reader.fail(`${name} shares bytes with another tensor`)
    end = Math.max(end, storage!.offset + bytes)
  }
  return tensors
}

function placeTensor(reader: GgufReader, data: Data, info: TensorInfo, warnings: string[]): Tensor {
  const { name, dimensions } = info
  const { source, bigEndian } = data
  const elements = countElements(dimensions)
  if (elements === undefined) throw reader.fail(`the shape of ${name} is beyond all numbers`)
  const shape = dimensions.toReversed()
  const type = BLOCK_TYPES.get(info.type)
  if (type === undefined) {
    warn(warnings, `${name} is of ggml type ${info.type}, which is not known here: its data are not read`)
    return { name, dtype: `ggml_type_${info.type}`, shape, elements, bytes: 0, storage: undefined, offset: 0 }
  }
  if ((dimensions[0] ?? 1) % type.elements !== 0) {
    throw reader.fail(`the rows of ${name} are no multiple of ${type.elements}, the block of ${type.name}`)
  }
  const bytes = (elements / type.elements) * type.bytes
  const offset = data.dataAt + info.offset
  if (info.offset % data.alignment !== 0) throw reader.fail(`the data of ${name} are not aligned`)
  if (!Number.isSafeInteger(bytes) || offset + bytes > source.size) {
    throw reader.fail(`the data of ${name} run out of the file`)
  }
  if (bigEndian && type.elements > 1) warn(warnings, `${name}: the numbers inside its blocks are big-endian`)
  const storage = { source, offset, length: bytes, bigEndian: bigEndian && type.elements === 1, place: { offset } }
  return { name, dtype: type.name, shape, elements, bytes, storage, offset: 0 }
}
