import { expect, test } from 'vitest'
import type { HistoryResult } from '@art/repo/stage-api.ts'
import { PLAIN } from './color.ts'
import { renderHistory } from './history.ts'
import { displayWidth } from './width.ts'

const RELEASED = { version: '2.0.0-rc.1', metrics: { val_acc: 0.882813 } }
const HISTORY: HistoryResult = {
  name: 'simple_cnn',
  metric: 'val_acc',
  stages: [{ stage: 'production', version: '1.0.0', since: '2026-11-15T12:00:00Z' }],
  events: [
    {
      kind: 'rolled-back',
      stage: 'production',
      from: '2.0.1',
      to: '1.0.0',
      version: '1.0.0',
      text: 'slow',
      ...about('simple_cnn#production#5'),
    },
    { kind: 'released', ...RELEASED, ...about('simple_cnn@v2.0.0-rc.1') },
  ],
}

function about(tag: string): { date: string; by: string; tag: string } {
  return { date: '2026-11-15T12:00:00Z', by: 'Nora Newcomer <nora@example.com>', tag }
}

test('what happened, a line each, and what was said of it', () => {
  expect(renderHistory(HISTORY, { columns: undefined, paint: PLAIN, verbose: false })).toBe(
    `when (UTC)        what                                   version      val_acc  by
2026-11-15 12:00  production 2.0.1 → 1.0.0, rolled back  1.0.0                 Nora Newcomer
                  slow
2026-11-15 12:00  released                               2.0.0-rc.1  0.882813  Nora Newcomer
simple_cnn: 1 version; production 1.0.0`,
  )
})

test('a version that was withdrawn is none that there is, unless it was registered again', () => {
  const events = (...kinds: ('released' | 'withdrawn')[]): HistoryResult => ({
    ...HISTORY,
    stages: [],
    events: kinds.map((kind) => ({ kind, version: '1.0.0', ...about('x') })).toReversed(),
  })
  const last = (result: HistoryResult): string | undefined =>
    renderHistory(result, { columns: undefined, paint: PLAIN, verbose: false }).split('\n').at(-1)
  expect(last(events('released', 'withdrawn'))).toBe('simple_cnn: 0 versions')
  expect(last(events('released', 'withdrawn', 'released'))).toBe('simple_cnn: 1 version')
})

test('a version that is out of the way is told to be so', () => {
  const events = [{ kind: 'released' as const, ...RELEASED, archived: true as const, ...about('x') }]
  const text = renderHistory({ ...HISTORY, events }, { columns: 80, paint: PLAIN, verbose: false })
  expect(text.split('\n')[2]).toBe(`${' '.repeat(18)}archived since`)
})

test('in a terminal of 80 columns a rollback is told below, and no line is too long', () => {
  const lines = renderHistory(HISTORY, { columns: 80, paint: PLAIN, verbose: false }).split('\n')
  expect(lines[1]).toMatch(/^2026-11-15 12:00 {2}production 2\.0\.1 → 1\.0\.0 {2}1\.0\.0 .* Nora Newcomer$/)
  expect(lines.slice(2, 4)).toEqual([`${' '.repeat(18)}rolled back`, `${' '.repeat(18)}slow`])
  expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80)
})
