import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ProgressDisplay } from './progress-display.ts'

const written = vi.hoisted((): string[] => [])
vi.mock('./output.ts', () => ({
  terminalColumns: () => undefined,
  writeErrorNow: (text: string) => void written.push(text),
}))

let display: ProgressDisplay
beforeEach(() => {
  written.length = 0
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  vi.advanceTimersByTime(2000)
  display = new ProgressDisplay({ json: false, quiet: false, verbose: false, progress: true })
})
afterEach(() => {
  display.close()
  vi.useRealTimers()
})

test('in a pipe, phases that are over at once leave no line, however late they come', () => {
  for (const phase of ['check', 'add', 'scan'] as const) {
    display.show({ type: 'phase', phase, files: 7, bytes: 7 })
    vi.advanceTimersByTime(400)
    display.show({ type: 'progress', phase, files: 7, bytes: 7 })
  }
  expect(written).toEqual([])
})

test('in a pipe, what lasts over half a second has a line as soon as there is a figure, then one every five seconds', () => {
  display.show({ type: 'phase', phase: 'add' })
  vi.advanceTimersByTime(3000)
  expect(written).toEqual([])
  display.show({ type: 'progress', phase: 'add', files: 3 })
  expect(written).toEqual([expect.stringMatching(/^adding {2}3 files.*\n$/)])
  vi.advanceTimersByTime(4900)
  expect(written).toHaveLength(1)
  vi.advanceTimersByTime(200)
  expect(written).toHaveLength(2)
})

test('of one thing after the other the figures are its own, and its name is told', () => {
  for (const name of ['resnet 1.0.0, 1 of 7', 'resnet 1.1.0, 2 of 7']) {
    display.show({ type: 'phase', phase: 'upload', files: 2, name })
    display.show({ type: 'progress', phase: 'upload', files: 1 })
    vi.advanceTimersByTime(6000)
  }
  expect([written[0], written.at(-1)]).toEqual([
    expect.stringMatching(/^uploading resnet 1\.0\.0, 1 of 7 +50 % {2}1\/2 files/),
    expect.stringMatching(/^uploading resnet 1\.1\.0, 2 of 7 +50 % {2}1\/2 files/),
  ])
})
