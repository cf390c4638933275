import { expect, it } from 'vitest'
import { COLOURED, choosePaint, PLAIN } from './color.ts'

it('--color wins, then NO_COLOR, then FORCE_COLOR, then the terminal', () => {
  expect(choosePaint('always', false, { NO_COLOR: '1' })).toBe(COLOURED)
  expect(choosePaint('never', true, { FORCE_COLOR: '1' })).toBe(PLAIN)
  expect(choosePaint('auto', true, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(PLAIN)
  expect(choosePaint('auto', true, { NO_COLOR: '' })).toBe(COLOURED)
  expect(choosePaint('auto', false, { FORCE_COLOR: '1' })).toBe(COLOURED)
  expect(choosePaint('auto', true, { FORCE_COLOR: '0' })).toBe(PLAIN)
  expect(choosePaint('auto', true, {})).toBe(COLOURED)
  expect(choosePaint('auto', true, { TERM: 'dumb' })).toBe(PLAIN)
  expect(choosePaint('auto', false, {})).toBe(PLAIN)
})
