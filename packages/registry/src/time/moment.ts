import { ArtError } from '@art/core'

const WRITTEN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3})\d*)?)?(?: ?(Z|[+-]\d{2}:?\d{2}))?)?$/

/**
 * A time as ISO 8601 writes it, or git with `--date=iso`, in milliseconds since 1970. Without a zone it is in UTC, as everything that art prints; a
 * date alone means the end of that day, today's too: what has just been done may bear a date some seconds ahead. Fails with `USAGE` for anything
 * else, for days that no calendar has, and for the future.
 */
export function parseMoment(text: string, now = Date.now()): number {
  const [, year, month, day, hour, minute, second = '0', fraction = '0', zone = 'Z'] = WRITTEN.exec(text.trim()) ?? []
  if (year === undefined) throw invalid(text, 'is no time that art can read')
  const start = Date.UTC(Number(year), Number(month) - 1, Number(day))
  const date = new Date(start)
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day) || Number(year) < 1970)
    throw invalid(text, 'is a day that no calendar has')
  if (hour === undefined) {
    if (start > now) throw future(text)
    return start + 86_400_000 - 1
  }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw invalid(text, 'is a time that no clock shows')
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? []
  const offset = sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  if (Math.abs(offset) > 18 * 60) throw invalid(text, 'has a zone that there is nowhere')
  const clock = ((Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)) * 1000
  const moment = start + clock + Number(fraction.padEnd(3, '0'))
  if (moment > now) throw future(text)
  return moment
}

/** ISO 8601 in UTC, whole seconds. */
export function formatMoment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}

function invalid(text: string, why: string): ArtError {
  return new ArtError('USAGE', `${JSON.stringify(text)} ${why}`, {
    path: text,
    hint: 'Write it like 2026-11-01 (the end of that day) or 2026-11-01T12:00, in UTC; +02:00 at the end names a zone.',
  })
}

function future(text: string): ArtError {
  return new ArtError('USAGE', `${JSON.stringify(text)} is in the future`, {
    path: text,
    hint: 'Leave --at out to see how things stand now.',
  })
}
