import type { Value } from '../../model-file.ts'
import { complexText } from './builtins.ts'
import type { NumpyType } from './numpy-dtype.ts'

/** The element that begins at `at`; undefined for a type that has no plain form. */
export function readElement(
  { kind, bytes, bigEndian, unit }: NumpyType,
  view: DataView,
  at: number,
): Value | undefined {
  const little = !bigEndian
  switch (kind + (/[SUV]/.test(kind) ? '' : bytes)) {
    case 'b1':
      return view.getUint8(at) !== 0
    case 'i1':
      return view.getInt8(at)
    case 'i2':
      return view.getInt16(at, little)
    case 'i4':
      return view.getInt32(at, little)
    case 'i8':
      return narrow(view.getBigInt64(at, little))
    case 'u1':
      return view.getUint8(at)
    case 'u2':
      return view.getUint16(at, little)
    case 'u4':
      return view.getUint32(at, little)
    case 'u8':
      return narrow(view.getBigUint64(at, little))
    case 'f2':
      return halfToNumber(view.getUint16(at, little))
    case 'B2':
      return bfloatToNumber(view.getUint16(at, little))
    case 'f4':
      return view.getFloat32(at, little)
    case 'f8':
      return view.getFloat64(at, little)
    case 'c8':
      return complexText(view.getFloat32(at, little), view.getFloat32(at + 4, little))
    case 'c16':
      return complexText(view.getFloat64(at, little), view.getFloat64(at + 8, little))
    case 'M8':
      return timeText(view.getBigInt64(at, little), unit)
    case 'm8':
      return durationText(view.getBigInt64(at, little), unit)
    case 'U':
      return characters(view, at, bytes, little)
    case 'S':
    case 'V':
      return trimmed(new Uint8Array(view.buffer, view.byteOffset + at, bytes), kind)
  }
}

function narrow(value: bigint): number | bigint {
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

/** IEEE 754 binary16. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The upper half of a binary32. */
function bfloatToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, bits)
  return view.getFloat32(0)
}

/** UTF-32, without the zeros that fill it up. */
function characters(view: DataView, at: number, bytes: number, little: boolean): string {
  let text = ''
  let zeros = 0
  for (let i = at; i + 4 <= at + bytes; i += 4) {
    const point = view.getUint32(i, little)
    if (point === 0) {
      zeros++
      continue
    }
    text += '\0'.repeat(zeros) + String.fromCodePoint(Math.min(point, 0x10_ffff))
    zeros = 0
  }
  return text
}

function trimmed(bytes: Uint8Array, kind: string): Uint8Array {
  let end = bytes.length
  while (kind === 'S' && end > 0 && bytes[end - 1] === 0) end--
  return bytes.subarray(0, end)
}

const NOT_A_TIME = -(2n ** 63n)
const STEPS: ReadonlyMap<string, bigint> = new Map([
  ['W', 604_800_000_000_000n],
  ['D', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['ns', 1n],
])

/** As NumPy prints it where the unit is plain; else the number with its unit. */
function timeText(count: bigint, unit: string | undefined): string {
  if (count === NOT_A_TIME) return 'NaT'
  if (unit === 'Y') return String(1970n + count)
  if (unit === 'M')
    return `${1970 + Math.floor(Number(count) / 12)}-${String((((Number(count) % 12) + 12) % 12) + 1).padStart(2, '0')}`
  const step = STEPS.get(unit ?? '')
  if (step === undefined) return durationText(count, unit)
  const nanoseconds = count * step
  const second = 1_000_000_000n
  const within = ((nanoseconds % second) + second) % second
  const milliseconds = Number((nanoseconds - within) / 1_000_000n)
  // Years that JavaScript's Date cannot hold.
  if (Math.abs(milliseconds) > 8.64e15) return durationText(count, unit)
  const text = new Date(milliseconds).toISOString().slice(0, -5)
  if (step >= STEPS.get('D')!) return text.slice(0, -9)
  const digits = { ms: 3, us: 6, ns: 9 }[unit ?? ''] ?? 0
  return digits === 0 ? text : `${text}.${String(within).padStart(9, '0').slice(0, digits)}`
}

const UNITS: ReadonlyMap<string, string> = new Map([
  ['Y', 'years'],
  ['M', 'months'],
  ['W', 'weeks'],
  ['D', 'days'],
  ['h', 'hours'],
  ['m', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
])

function durationText(count: bigint, unit: string | undefined): string {
  if (count === NOT_A_TIME) return 'NaT'
  return unit === undefined ? String(count) : `${count} ${UNITS.get(unit) ?? unit}`
}
