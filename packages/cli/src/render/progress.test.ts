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
    'uploading   12 %  12,345/100,000 files  123 MB/1.00 GB  30.8 MB/s  29 s left',
  )
  expect(renderProgress({ ...STATE, bytes: 0, totalBytes: 0 }, 120)).toBe(
    'uploading   12 %  12,345/100,000 files  3,086 files/s  28 s left',
  )
  expect(renderProgress({ ...STATE, files: 0, bytes: 0, totalFiles: 0, totalBytes: 0, milliseconds: 0 }, 120)).toBe(
    'uploading',
  )
})

it('fits any terminal, and is whole in a pipe', () => {
  for (let columns = 12; columns < 100; columns++)
    expect(displayWidth(renderProgress(STATE, columns))).toBeLessThan(columns)
  expect(renderProgress(STATE, undefined)).toContain('left')
})

it('gives no time before there is something to tell it from, nor a negative one', () => {
  expect(timeLeft({ ...STATE, milliseconds: 100 })).toBeUndefined()
  expect(timeLeft({ ...STATE, bytes: 0 })).toBeUndefined()
  expect(timeLeft({ ...STATE, bytes: 2e9 })).toBeUndefined()
  expect(renderProgress({ ...STATE, bytes: 2e9 }, 120)).toContain('100 %')
})

it('says what was done when the user interrupts', () => {
  expect(renderDone(STATE)).toBe('sending 12,345 of 100,000 files, 123 MB of 1.00 GB')
  expect(renderDone({ ...STATE, files: 0, bytes: 0, totalFiles: 0, totalBytes: 0 })).toBe('')
})
