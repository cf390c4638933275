import { ArtError, type CallOptions } from '@art/core'
import type { Source } from '../../source.ts'
import { countElements } from '../extent.ts'
import { type NumpyDtype, parseDescr } from './dtype.ts'
import { type Literal, parseLiteral } from './literal.ts'

const MAGIC = '\x93NUMPY'
const VERSION_AT = 6
/** NumPy itself reads headers of 10,000 bytes; one with many fields may be asked of it by name. */
const HEADER_MAX = 256 << 10
const DIMENSIONS_MAX = 64

export interface NpyHeader {
  readonly dtype: NumpyDtype
  readonly shape: readonly number[]
  readonly elements: number
  readonly fortranOrder: boolean
  /** Where the elements begin; of an object array, the pickle. */
  readonly dataAt: number
}

export function isNpyStart(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') === MAGIC
}

/**
 * Reads the header of a `.npy` file (numpy/lib/_format_impl.py), versions 1 to 3. The dict is read as a literal, never evaluated. Fails with
 * `CORRUPT`, and with `UNSUPPORTED` for a newer version.
 */
export async function readNpyHeader(source: Source, options?: CallOptions): Promise<NpyHeader> {
  const fail = (what: string): ArtError => corruptNpy(source.name, what)
  if (source.size < VERSION_AT + 4) throw fail('it is cut off in its header')
  const start = Buffer.from(await source.read(0, Math.min(VERSION_AT + 6, source.size), options))
  if (!isNpyStart(start)) throw fail('it does not begin as one')
  const version = start[VERSION_AT]!
  if (version < 1 || version > 3 || start[VERSION_AT + 1] !== 0) {
    const message = `a NumPy array of version ${version}.${start[VERSION_AT + 1]}`
    throw new ArtError('UNSUPPORTED', message, { path: source.name, hint: 'Save it with NumPy 2 or older.' })
  }
  const headerAt = VERSION_AT + (version === 1 ? 4 : 6)
  if (start.length < headerAt) throw fail('it is cut off in its header')
  const length = version === 1 ? start.readUInt16LE(VERSION_AT + 2) : start.readUInt32LE(VERSION_AT + 2)
  if (length > HEADER_MAX || headerAt + length > source.size) throw fail(`a header of ${length} bytes cannot be`)
  const text = Buffer.from(await source.read(headerAt, length, options)).toString(version === 3 ? 'utf8' : 'latin1')
  return { ...parseHeader(text, fail), dataAt: headerAt + length }
}

function parseHeader(text: string, fail: (what: string) => ArtError): Omit<NpyHeader, 'dataAt'> {
  const header = parseLiteral(text, fail)
  const isDict = header !== null && typeof header === 'object' && header.kind === 'dict'
  if (!isDict || header.entries.size !== 3) throw fail('its header is not a dict of three keys')
  const fortranOrder = header.entries.get('fortran_order')
  if (typeof fortranOrder !== 'boolean') throw fail('its fortran_order is neither True nor False')
  const dtype = parseDescr(header.entries.get('descr') ?? null)
  if (dtype === undefined) throw fail('its descr is no dtype')
  const shape = shapeOf(header.entries.get('shape') ?? null)
  if (shape === undefined) throw fail('its shape is none')
  const elements = countElements(shape)
  if (elements === undefined || !Number.isSafeInteger(elements * dtype.bytes))
    throw fail('its shape is beyond all numbers')
  return { dtype, shape, elements, fortranOrder }
}

function shapeOf(value: Literal): readonly number[] | undefined {
  if (value === null || typeof value !== 'object' || value.kind !== 'tuple') return undefined
  const { items } = value
  return items.length <= DIMENSIONS_MAX && items.every((size) => typeof size === 'number') ? items : undefined
}

export function corruptNpy(path: string, what: string): ArtError {
  return new ArtError('CORRUPT', `damaged NumPy array: ${what}`, { path, hint: 'Fetch or save the file again.' })
}
