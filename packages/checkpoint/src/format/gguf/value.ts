import type { Value } from '../../model-file.ts'
import type { GgufReader, Scalar } from './reader.ts'

const STRING = 8
const ARRAY = 9

/** Arrays in arrays: ggml reads none, the format allows them. */
const DEPTH_MAX = 16

const SCALARS: ReadonlyMap<number, Scalar> = new Map<number, Scalar>([
  [0, { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) }],
  [1, { bytes: 1, read: (bytes, at) => bytes.readInt8(at) }],
  [2, { bytes: 2, read: (bytes, at, big) => (big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at)) }],
  [3, { bytes: 2, read: (bytes, at, big) => (big ? bytes.readInt16BE(at) : bytes.readInt16LE(at)) }],
  [4, { bytes: 4, read: (bytes, at, big) => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) }],
  [5, { bytes: 4, read: (bytes, at, big) => (big ? bytes.readInt32BE(at) : bytes.readInt32LE(at)) }],
  [6, { bytes: 4, read: (bytes, at, big) => (big ? bytes.readFloatBE(at) : bytes.readFloatLE(at)) }],
  [7, { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) !== 0 }],
  [10, { bytes: 8, read: (bytes, at, big) => exact(big ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at)) }],
  [11, { bytes: 8, read: (bytes, at, big) => exact(big ? bytes.readBigInt64BE(at) : bytes.readBigInt64LE(at)) }],
  [12, { bytes: 8, read: (bytes, at, big) => (big ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at)) }],
])

/** A number where that is exact. */
function exact(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** A metadata value: its type, then itself. Integers of 64 bits that a number does not hold are bigints. */
export async function readValue(reader: GgufReader): Promise<Value> {
  const type = await reader.u32()
  return type === ARRAY ? readArray(reader, 1) : (await readItems(reader, type, 1))[0]!
}

async function readItems(reader: GgufReader, type: number, count: number): Promise<Value[]> {
  if (type === STRING) return reader.strings(count)
  const scalar = SCALARS.get(type)
  if (scalar === undefined) throw reader.fail(`there is no value type ${type}`)
  return reader.scalars(scalar, count)
}

async function readArray(reader: GgufReader, depth: number): Promise<Value> {
  if (depth > DEPTH_MAX) throw reader.fail('arrays are nested too deep')
  reader.count(1)
  const type = await reader.u32()
  const length = await reader.size()
  // Before anything is made: each item takes at least so many bytes.
  const least = SCALARS.get(type)?.bytes ?? 8
  if (length > (reader.cursor.end - reader.cursor.position) / least) {
    throw reader.fail(`an array of ${length} runs out of the file`)
  }
  if (type !== ARRAY) return { kind: 'list', items: await readItems(reader, type, length) }
  const items: Value[] = []
  for (let i = 0; i < length; i++) items.push(await readArray(reader, depth + 1))
  return { kind: 'list', items }
}
