import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Candidate, type Rule, select } from './select.ts'
import { seriesOf } from './series.ts'

describe('series', () => {
  test.each([
    ['models/simple_cnn_epoch_7.pth', 'models/simple_cnn*.pth'],
    ['models/simple_cnn_epoch_12.pth', 'models/simple_cnn*.pth'],
    ['models/resnet50_epoch_3.pth', 'models/resnet50*.pth'],
    ['runs/a/epoch=3-step=400-val_acc=0.91.ckpt', 'runs/a/*.ckpt'],
    ['runs/b/epoch1.pt', 'runs/b/*.pt'],
    ['runs/checkpoint-500', 'runs/*'],
    ['cnn_12.pth', 'cnn*.pth'],
    ['models/resnet50.pth', 'models/resnet50.pth'],
    ['models/net_v1.0.0.pth', 'models/net_v1.0.0.pth'],
  ])('%s is of %s', (path, series) => expect(seriesOf(path)).toBe(series))
})

const VALUE = fc.option(fc.oneof(fc.double(), fc.constantFrom(0, 1, Number.NaN)), { nil: undefined })
const CANDIDATES = fc
  .array(
    fc.record({
      content: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
      series: fc.constantFrom('one', 'two'),
      value: VALUE,
      holds: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.constant([{ by: 'released' as const }])),
    }),
    { maxLength: 20 },
  )
  .map((some): Candidate[] => some.map((candidate, i) => ({ ...candidate, path: `p${i}` })))
const RULE = fc.record({
  keepBest: fc.nat({ max: 4 }),
  keepLast: fc.nat({ max: 4 }),
  direction: fc.constantFrom('highest' as const, 'lowest' as const),
})

/** None is held, and each has a content and a metric of its own. */
const FREE = CANDIDATES.map((some) =>
  some.map(
    (candidate): Candidate => ({ ...candidate, content: candidate.path, value: candidate.value ?? 0, holds: [] }),
  ),
)

describe('the rule', () => {
  test('nothing that is held goes, and no content that stays elsewhere', () => {
    fc.assert(
      fc.property(CANDIDATES, RULE, (candidates, rule) => {
        const { gone, kept } = select(candidates, rule)
        expect(gone.filter(({ holds }) => holds.length > 0)).toEqual([])
        const staying = new Set(kept.map(({ candidate }) => candidate.content))
        expect(gone.filter(({ content }) => staying.has(content))).toEqual([])
        expect([...gone, ...kept.map(({ candidate }) => candidate)].map(({ path }) => path).sort()).toEqual(
          candidates.map(({ path }) => path).sort(),
        )
      }),
    )
  })

  test('of each series exactly the best and the last stay, and every one that goes is worse and older', () => {
    fc.assert(
      fc.property(FREE, RULE, (candidates, rule) => {
        const { gone, kept } = select(candidates, rule)
        for (const name of ['one', 'two']) {
          const size = candidates.filter(({ series }) => series === name).length
          const of = (by: string) =>
            kept.filter(({ candidate, reasons }) => candidate.series === name && reasons.some((one) => one.by === by))
          expect(of('best')).toHaveLength(Math.min(rule.keepBest, size))
          expect(of('last')).toHaveLength(Math.min(rule.keepLast, size))
          const place = (candidate: Candidate): number => candidates.indexOf(candidate)
          for (const one of gone.filter(({ series }) => series === name)) {
            for (const { candidate } of of('best')) expect(isWorse(one, candidate, rule, place)).toBe(true)
            for (const { candidate } of of('last')) expect(place(one)).toBeGreaterThan(place(candidate))
          }
        }
        expect(kept.every(({ reasons }) => reasons.every(({ by }) => by === 'best' || by === 'last'))).toBe(true)
      }),
    )
  })

  test('what stays stays when it runs again', () => {
    fc.assert(
      fc.property(CANDIDATES, RULE, (candidates, rule) => {
        const { kept } = select(candidates, rule)
        expect(
          select(
            kept.map(({ candidate }) => candidate),
            rule,
          ).gone,
        ).toEqual([])
      }),
    )
  })

  test('what diverged comes last, what tells nothing stays where a rank decides', () => {
    const make = (path: string, value: number | undefined): Candidate => ({
      path,
      content: path,
      series: 's',
      value,
      holds: [],
    })
    const some = [make('nan', Number.NaN), make('bad', 0.1), make('good', 0.9), make('none', undefined)]
    const names = (rule: Rule) => select(some, rule).gone.map(({ path }) => path)
    expect(names({ keepBest: 2, keepLast: 0, direction: 'highest' })).toEqual(['nan'])
    expect(names({ keepBest: 1, keepLast: 0, direction: 'lowest' })).toEqual(['nan', 'good'])
    expect(names({ keepBest: 0, keepLast: 1, direction: 'highest' })).toEqual(['bad', 'good', 'none'])
  })
})

function isWorse(one: Candidate, other: Candidate, { direction }: Rule, place: (one: Candidate) => number): boolean {
  const [a, b] = [one.value!, other.value!]
  if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a)
  if (a === b || Number.isNaN(a)) return place(one) > place(other)
  return direction === 'highest' ? a < b : a > b
}
