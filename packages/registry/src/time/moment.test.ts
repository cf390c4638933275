import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMoment, parseMoment } from './moment.ts'

const NOW = Date.parse('2026-11-26T00:30:00Z')

test.each([
  ['2026-11-01', '2026-11-01T23:59:59.999Z'],
  ['2026-11-26', '2026-11-26T23:59:59.999Z'],
  ['2026-11-01T12:00', '2026-11-01T12:00:00.000Z'],
  ['2026-11-01 12:00:07', '2026-11-01T12:00:07.000Z'],
  ['2026-11-01T12:00:00Z', '2026-11-01T12:00:00.000Z'],
  ['2026-11-01T00:30+02:00', '2026-10-31T22:30:00.000Z'],
  ['2026-11-01T00:30:00.25-0130', '2026-11-01T02:00:00.250Z'],
  ['2026-11-01 00:30:00 +0200', '2026-10-31T22:30:00.000Z'],
  ['2024-02-29', '2024-02-29T23:59:59.999Z'],
])('%s', (text, moment) => expect(new Date(parseMoment(text, NOW)).toISOString()).toBe(moment))

test.each([
  ['yesterday', /no time/],
  ['1700000000', /no time/],
  ['01.11.2026', /no time/],
  ['2026-11', /no time/],
  ['2026-02-30', /no calendar/],
  ['2026-13-01', /no calendar/],
  ['2026-00-10', /no calendar/],
  ['2026-11-01T24:01', /no clock/],
  ['2026-11-01T12:60', /no clock/],
  ['2026-11-01T12:00+99:00', /nowhere/],
  ['2026-11-27', /future/],
  ['2026-11-26T00:31', /future/],
  ['', /no time/],
])('%j is refused', (text, why) => {
  expect(() => parseMoment(text, NOW)).toThrow(why)
  expect(() => parseMoment(text, NOW)).toThrow(expect.objectContaining({ code: 'USAGE', hint: expect.any(String) }))
})

test('what is printed is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: NOW / 1000 }), (seconds) => {
      expect(parseMoment(formatMoment(seconds * 1000), NOW)).toBe(seconds * 1000)
    }),
  )
})
