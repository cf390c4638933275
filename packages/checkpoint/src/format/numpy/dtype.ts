import { countElements } from '../extent.ts'
import type { Literal, Sequence } from './literal.ts'

export interface NumpyDtype {
  /** Torch's name where torch has the type, else NumPy's, such as `datetime64[ns]`, `str32`, `void2`, `structured`. */
  readonly name: string
  readonly bytes: number
  readonly bigEndian: boolean
  /** Does torch have it? */
  readonly isTorch: boolean
  /** The data are a pickle, not elements. */
  readonly isObject: boolean
}

const FIELDS_MAX = 10_000
const TORCH: ReadonlySet<string> = new Set([
  'b1',
  'i1',
  'i2',
  'i4',
  'i8',
  'u1',
  'u2',
  'u4',
  'u8',
  'f2',
  'f4',
  'f8',
  'c8',
  'c16',
])
const NAMES: Record<string, string> = { b: 'bool', i: 'int', u: 'uint', f: 'float', c: 'complex' }
/** Characters of type codes that are not sized in bits. */
const OTHERS: Record<string, string> = { S: 'bytes', a: 'bytes', U: 'str', V: 'void' }

/**
 * The dtype that a `descr` names: `dtype.str` such as `<f4`, a list of fields, or a pair of a base and a shape. Undefined where it is none
 * (numpy/lib/_format_impl.py, `descr_to_dtype`).
 */
export function parseDescr(descr: Literal): NumpyDtype | undefined {
  return parse(descr, { left: FIELDS_MAX }, 0)
}

function parse(descr: Literal, fields: { left: number }, depth: number): NumpyDtype | undefined {
  if (typeof descr === 'string') return parseCode(descr)
  if (descr === null || typeof descr !== 'object' || descr.kind === 'dict' || depth > 32) return undefined
  if (descr.kind === 'tuple') return parseParts([{ kind: 'tuple', items: ['', ...descr.items] }], fields, depth)
  return parseParts(descr.items, fields, depth)
}

/** Fields, `(name, descr)` or `(name, descr, shape)`, one behind the other. */
function parseParts(parts: readonly Literal[], fields: { left: number }, depth: number): NumpyDtype | undefined {
  let bytes = 0
  let isObject = false
  for (const part of parts) {
    if (!isTuple(part) || part.items.length < 2 || part.items.length > 3 || --fields.left < 0) return undefined
    const base = parse(part.items[1]!, fields, depth + 1)
    const times = part.items.length === 3 ? timesOf(part.items[2]!) : 1
    if (base === undefined || times === undefined) return undefined
    bytes += base.bytes * times
    isObject ||= base.isObject
    if (!Number.isSafeInteger(bytes)) return undefined
  }
  return { name: 'structured', bytes, bigEndian: false, isTorch: false, isObject }
}

function isTuple(value: Literal): value is Sequence {
  return value !== null && typeof value === 'object' && value.kind === 'tuple'
}

function timesOf(shape: Literal): number | undefined {
  const sizes = isTuple(shape) ? shape.items : [shape]
  return sizes.every((size) => typeof size === 'number') ? countElements(sizes) : undefined
}

function parseCode(code: string): NumpyDtype | undefined {
  const match = /^([<>|=]?)([?a-zA-Z])([0-9]{0,9})(\[[0-9]*[a-zA-Zμ]+(?:\/[0-9]+)?\])?$/.exec(code)
  if (match === null) return undefined
  const [, order, kind, digits, unit = ''] = match as unknown as [string, string, string, string, string | undefined]
  const size = digits === '' ? undefined : Number(digits)
  const bigEndian = order === '>'
  if (kind === 'O') return { name: 'object', bytes: size ?? 8, bigEndian: false, isTorch: false, isObject: true }
  const base = { bigEndian, isTorch: false, isObject: false }
  if (kind === '?') return { ...base, name: 'bool', bytes: 1, bigEndian: false, isTorch: true }
  if (kind === 'M' || kind === 'm') {
    if (size !== 8) return undefined
    return { ...base, name: `${kind === 'M' ? 'datetime64' : 'timedelta64'}${unit}`, bytes: 8 }
  }
  if (size === undefined || unit !== '') return undefined
  const other = OTHERS[kind]
  if (other !== undefined) {
    const bytes = kind === 'U' ? size * 4 : size
    return { ...base, name: `${other}${size}`, bytes, bigEndian: false }
  }
  const isLong = (kind === 'f' && (size === 12 || size === 16)) || (kind === 'c' && (size === 24 || size === 32))
  if (!TORCH.has(`${kind}${size}`) && !isLong) return undefined
  const name = kind === 'b' ? 'bool' : `${NAMES[kind]}${size * 8}`
  return { ...base, name, bytes: size, bigEndian: bigEndian && size > 1, isTorch: !isLong }
}
