import type { Value } from '../../model-file.ts'
import type { Known } from '../settle.ts'

/**
 * The classes of Python's `datetime`, which save themselves as packed bytes: https://github.com/python/cpython/blob/3.13/Lib/_pydatetime.py
 * (`_getstate`). Each becomes the text that `isoformat()`, for a duration `str()`, would give.
 */
const datetime: Known = ([state, zone]) => {
  const packed = packedBytes(state)
  if (packed?.length !== 10) return
  return `${dateText(packed)}T${timeText(packed.subarray(4))}${zoneText(zone)}`
}

const date: Known = ([state]) => {
  const packed = packedBytes(state)
  return packed?.length === 4 ? dateText(packed) : undefined
}

const time: Known = ([state, zone]) => {
  const packed = packedBytes(state)
  return packed?.length === 6 ? timeText(packed) + zoneText(zone) : undefined
}

/** Days, seconds and microseconds; the last two are never negative. */
const timedelta: Known = ([days = 0, seconds = 0, micros = 0]) => {
  if (![days, seconds, micros].every((part) => Number.isSafeInteger(part))) return
  const clock = secondsText(seconds as number, micros as number)
  return days === 0 ? clock : `${String(days)} day${Math.abs(days as number) === 1 ? '' : 's'}, ${clock}`
}

/** Its offset from UTC: `+02:00`. */
const timezone: Known = ([offset]) => {
  const parts = /^(?:(-?\d+) days?, )?(\d+):(\d\d):(\d\d)/.exec(typeof offset === 'string' ? offset : '')
  if (parts === null) return
  const seconds = Number(parts[1] ?? 0) * 86_400 + Number(parts[2]) * 3_600 + Number(parts[3]) * 60 + Number(parts[4])
  const magnitude = Math.abs(seconds)
  const text = [Math.floor(magnitude / 3_600), Math.floor(magnitude / 60) % 60].map(two).join(':')
  return `${seconds < 0 ? '-' : '+'}${text}${magnitude % 60 === 0 ? '' : `:${two(magnitude % 60)}`}`
}

/** Its key: `Europe/Berlin`. */
const zoneInfo: Known = ([key]) => (typeof key === 'string' ? key : undefined)

function packedBytes(state: Value | undefined): Uint8Array | undefined {
  if (state instanceof Uint8Array) return state
  // Of Python 2, where the bytes happened to be text.
  return typeof state === 'string' ? Buffer.from(state, 'latin1') : undefined
}

function dateText(packed: Uint8Array): string {
  const year = String(packed[0]! * 256 + packed[1]!).padStart(4, '0')
  // The highest bit of the month is `fold`, the second of two equal hours.
  return `${year}-${two(packed[2]! & 0x7f)}-${two(packed[3]!)}`
}

function timeText(packed: Uint8Array): string {
  const micros = packed[3]! * 65_536 + packed[4]! * 256 + packed[5]!
  return `${two(packed[0]! & 0x7f)}:${two(packed[1]!)}:${two(packed[2]!)}${fraction(micros)}`
}

function secondsText(seconds: number, micros: number): string {
  const clock = [Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':')
  return `${Math.floor(seconds / 3_600)}:${clock}${fraction(micros)}`
}

function fraction(micros: number): string {
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`
}

function zoneText(zone: Value | undefined): string {
  if (typeof zone !== 'string') return ''
  return /^[+-]\d/.test(zone) ? zone : `[${zone}]`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

export const TIMES: ReadonlyMap<string, Known> = new Map([
  ['datetime.datetime', datetime],
  ['datetime.date', date],
  ['datetime.time', time],
  ['datetime.timedelta', timedelta],
  ['datetime.timezone', timezone],
  ['zoneinfo.ZoneInfo._unpickle', zoneInfo],
])
