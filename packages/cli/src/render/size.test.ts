import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countOf, formatCount, formatDuration, formatRate, formatSize } from './size.ts'

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [1024, '1.02 kB'],
  [46_830_571, '46.8 MB'],
  [999_499, '999 kB'],
  [999_999, '1.00 MB'],
  [5e9, '5.00 GB'],
  [1e21, '1000 EB'],
])('%d bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text))

it('a size never has more than three digits below an exabyte', () => {
  const isShort = (bytes: number) => /^\d{1,3}(\.\d{1,2})? [kMGTP]?B$/.test(formatSize(bytes))
  expect(fc.check(fc.property(fc.maxSafeNat(), isShort)).failed).toBe(false)
})

it.each([
  [40, '40 ms'],
  [94.9, '95 ms'],
  [95, '0.1 s'],
  [400, '0.4 s'],
  [9_949, '9.9 s'],
  [9_960, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [7_620_000, '2 h 07 min'],
])('%d ms are %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text))

it('counts and rates', () => {
  expect(formatCount(1234567)).toBe('1,234,567')
  expect([countOf(1, 'file'), countOf(100_000, 'file')]).toEqual(['1 file', '100,000 files'])
  expect(formatRate(5_000_000, 500)).toBe('10.0 MB/s')
  expect(formatRate(1, 0)).toBe('0 B/s')
})
