import { expect, it } from 'vitest'
import { type PhaseState, renderDone, renderProgress, timeLeft } from './progress.ts'
import { displayWidth } from './width.ts'

const STATE: PhaseState = {
  phase: 'upload',
  files: 12_345,
  bytes: 123e6,
  totalFiles: 100_000,
  totalBytes: 1e9,
  milliseconds: 4000,
}

it('tells phase, share, files, bytes, rate and time left', () => {
  expect(renderProgress(STATE, 120)).toBe(
    'uploading   12 %  12,345/100,000 files  123 MB/1.00 GB  30.8 MB/s  28 s left',
  )
  expect(renderProgress({ ...STATE, bytes: 0, totalBytes: 0 }, 120)).toBe(
    'uploading   12 %  12,345/100,000 files  3,086 files/s  28 s left',
  )
  expect(renderProgress({ ...STATE, files: 0, bytes: 0, totalFiles: 0, totalBytes: 0, milliseconds: 0 }, 120)).toBe(
    'uploading',
  )
})

it('many small files count for more than their bytes, and one large file for its bytes', () => {
  const mixed = { ...STATE, files: 15_000, totalFiles: 15_001, bytes: 150e6, totalBytes: 1.65e9 }
  expect(renderProgress(mixed, 120)).toContain(' 43 % ')
  const large = { ...STATE, files: 0, totalFiles: 1, bytes: 5e8, totalBytes: 1e9 }
  expect(renderProgress(large, 120)).toContain(' 49 % ')
  expect(renderProgress({ ...large, bytes: 1e9, files: 1 }, 120)).toContain('100 %')
})

it('keeps the time left where not all fits', () => {
  const slow = { ...STATE, phase: 'checkout' as const, milliseconds: 400_000 }
  expect(renderProgress(slow, 80)).toBe(
    'checking out  12,345/100,000 files  123 MB/1.00 GB  308 kB/s  47 min 22 s left',
  )
  expect(renderProgress(slow, 60)).toBe('checking out  123 MB/1.00 GB  47 min 22 s left')
})

it('counts artifacts where it looks for them', () => {
  const state = { ...STATE, phase: 'check' as const, files: 2, totalFiles: 3, bytes: 0, totalBytes: 0 }
  expect(renderProgress({ ...state, milliseconds: 0 }, 120)).toBe('checking   66 %  2/3 artifacts')
  expect(renderDone(state)).toBe('checking 2 of 3 artifacts')
})

it('fits any terminal, and is whole in a pipe', () => {
  for (let columns = 12; columns < 100; columns++)
    expect(displayWidth(renderProgress(STATE, columns))).toBeLessThan(columns)
  expect(renderProgress(STATE, undefined)).toContain('left')
})

it('tells how long something lasts that has no figures', () => {
  const running = { phase: 'python' as const, files: 0, bytes: 0, totalFiles: 0, totalBytes: 0 }
  expect(renderProgress({ ...running, milliseconds: 900 }, 120)).toBe('running Python')
  expect(renderProgress({ ...running, milliseconds: 72_000 }, 120)).toBe('running Python  1 min 12 s')
})

it('gives no time before there is something to tell it from, nor a negative one', () => {
  expect(timeLeft({ ...STATE, milliseconds: 100 })).toBeUndefined()
  expect(timeLeft({ ...STATE, files: 0, bytes: 0 })).toBeUndefined()
  const more = { ...STATE, files: 100_000, bytes: 2e9 }
  expect(timeLeft(more)).toBeUndefined()
  expect(renderProgress(more, 120)).toContain('100 %')
})

it('says what was done when the user interrupts', () => {
  expect(renderDone(STATE)).toBe('sending 12,345 of 100,000 files, 123 MB of 1.00 GB')
  expect(renderDone({ ...STATE, files: 0, bytes: 0, totalFiles: 0, totalBytes: 0 })).toBe('')
})
