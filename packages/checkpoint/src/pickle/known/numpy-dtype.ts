import type { Value } from '../../model-file.ts'
import type { Known } from '../settle.ts'
import { isTuple, itemsOf, nameOf } from '../value.ts'

/** What NumPy's dtype says of an element. */
export interface NumpyType {
  /** NumPy's letter: b bool, i, u, f, c, S bytes, U text (of 4-byte characters), M time, m duration, V raw, O object. */
  readonly kind: string
  readonly bytes: number
  readonly bigEndian: boolean
  /** Of times and durations, such as `ns`. */
  readonly unit: string | undefined
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['b1', 'bool'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
  ['c8', 'complex64'],
  ['c16', 'complex128'],
  // NumPy has none: the letter is ours, for the one that the package ml_dtypes adds.
  ['B2', 'bfloat16'],
  ...[1, 2, 4, 8].flatMap((bytes): [string, string][] => [
    [`i${bytes}`, `int${bytes * 8}`],
    [`u${bytes}`, `uint${bytes * 8}`],
  ]),
])
const CODES: ReadonlyMap<string, string> = new Map([...NAMES].map(([code, name]) => [name, code]))

/** Torch's name of it, where torch has it. */
export function torchName({ kind, bytes }: NumpyType): string | undefined {
  return NAMES.get(kind + bytes)
}

/**
 * The text that `numpyDtype` makes: `float32`, or a type string such as `>f4`, `<U5`, `<M8[ns]`. Undefined for what is none.
 */
export function parseNumpyType(text: Value | undefined): NumpyType | undefined {
  if (typeof text !== 'string') return
  const parts = /^([<>|=]?)([bBiufcSUMmVO])(\d{1,15})(?:\[([^\]]{1,20})\])?$/.exec(CODES.get(text) ?? text)
  if (parts === null) return
  const count = Number(parts[3])
  const kind = parts[2]!
  const bytes = kind === 'U' ? count * 4 : count
  return Number.isSafeInteger(bytes) ? { kind, bytes, bigEndian: parts[1] === '>', unit: parts[4] } : undefined
}

/**
 * `numpy.dtype('f4', False, True)` with the state `(3, '<', subtype, names, fields, size, alignment, flags)`: the text of it. Types with
 * fields or a shape of their own are not understood.
 */
export const numpyDtype: Known = ([code], object) => {
  if (nameOf(code) === 'ml_dtypes.bfloat16') return 'bfloat16'
  if (typeof code !== 'string') return
  const state = itemsOf(object.state) ?? []
  const [, order = '|', subtype, names, fields] = state
  if (![subtype, names, fields].every((part) => part === undefined || part === null)) return
  const name = NAMES.get(code)
  if (name !== undefined && order !== '>') return name
  const unit = unitOf(state[8])
  const text = `${order === '>' ? '>' : /^[UMm]/.test(code) ? '<' : '|'}${code}${unit === undefined ? '' : `[${unit}]`}`
  return parseNumpyType(text) === undefined ? undefined : text
}

/** `({}, (b'ns', 1, 1, 1))`: a unit and how many of it a step is. */
function unitOf(metadata: Value | undefined): string | undefined {
  const pair = isTuple(metadata) ? itemsOf(metadata.items.at(-1)) : undefined
  const [unit, count] = pair ?? []
  const name = unit instanceof Uint8Array ? Buffer.from(unit).toString('latin1') : unit
  if (typeof name !== 'string' || name === 'generic') return
  return typeof count === 'number' && count !== 1 ? `${count}${name}` : name
}
