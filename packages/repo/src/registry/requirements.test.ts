import type { ReleaseRecord } from '@art/registry/files/record.ts'
import { describe, expect, test } from 'vitest'
import type { Session } from '../workspace/session.ts'
import { judgeRequirements } from './requirements.ts'

const record = (version: string, more: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  model: 'm',
  version,
  tag: `m@v${version}`,
  created: '2026-11-01T10:00:00Z',
  author: 'Ada <ada@x>',
  commit: 'c'.repeat(40),
  path: 'm.pth',
  oid: 'a'.repeat(64),
  kind: 'f',
  size: 3,
  entry: { path: 'm.pth' },
  facts: { metrics: {}, config: {} },
  status: 'released',
  stages: [],
  ...more,
})

/** Figures need neither the content nor a remote. */
async function judge(requirement: string, own: ReleaseRecord, current?: ReleaseRecord) {
  const holder = current === undefined ? undefined : { version: current.version, record: current }
  const candidate = { record: own, stage: 'prod', current: holder }
  const [judged] = await judgeRequirements(undefined as unknown as Session, [requirement], candidate, {})
  return judged!
}

const withMetrics = (version: string, metrics: Record<string, number | string>, more: Partial<ReleaseRecord> = {}) =>
  record(version, { facts: { epoch: 7, metrics, config: {} }, ...more })

describe('figures', () => {
  test.each([
    ['acc >= 0.9', 0.9, true],
    ['acc > 0.9', 0.9, false],
    ['acc <= 0.9', 0.9, true],
    ['acc < 0.9', 0.89, true],
    ['acc == 0.9', 0.9, true],
    ['acc != 0.9', 0.9, false],
    ['acc >= 0.9', 'inf', true],
    ['acc >= -1', 'nan', false],
    ['acc != 1', 'nan', false],
    ['acc < 0', '-inf', true],
    ['acc >= 0', 'good', false],
    ['epoch >= 7', 0, true],
  ])('%s of %j', async (requirement, acc, met) => {
    expect(await judge(requirement, withMetrics('1.0.0', { acc }))).toMatchObject({ requirement, met })
  })

  test.each([
    ['val_acc >= 0', { vall_acc: 1 }, /did you mean vall_acc\?/],
    ['f1 >= 0', { precision: 1, recall: 1 }, /it has precision, recall$/],
    ['f1 >= 0', {}, /no metrics at all/],
    ['constructor >= 0', { acc: 1 }, /has no constructor/],
    ['acc >= 0', { acc: 'good' }, /"good", and no number/],
  ])('%s of %j is told', async (requirement, metrics, why) => {
    const { met, actual } = await judge(requirement, withMetrics('1.0.0', metrics))
    expect(met).toBe(false)
    expect(actual).toMatch(why)
  })
})

describe('against the one that has the stage', () => {
  const deciding = (name: string, value: number, direction: 'highest' | 'lowest') => ({
    deciding: { name, value, direction },
  })
  const own = (loss: number | string) => withMetrics('2.0.0', { loss }, deciding('loss', 0, 'lowest'))
  const other = withMetrics('1.0.0', { loss: 0.3 })

  test.each([
    ['not worse than current', 0.3, true],
    ['not worse than current', 0.31, false],
    ['better than current', 0.3, false],
    ['better than current', 0.29, true],
    ['loss better than current', 0.29, true],
    ['not worse than current', 'nan', false],
  ])('%s with a loss of %j against 0.3', async (requirement, loss, met) => {
    expect((await judge(requirement, own(loss), other)).met).toBe(met)
  })

  test('goes by the direction that models.yaml gives a metric of any name', async () => {
    const entry = { path: 'm.pth', metric: 'regret_free_score', direction: 'lowest' as const }
    const metrics = (score: number) => ({ regret_free_score: score })
    const mine = withMetrics('2.0.0', metrics(1), { entry })
    expect((await judge('regret_free_score better than current', mine, withMetrics('1.0.0', metrics(2)))).met).toBe(
      true,
    )
  })

  test('is met where nobody has it, and says what is missing where it cannot be told', async () => {
    expect(await judge('not worse than current', own(1))).toMatchObject({ met: true })
    expect(await judge('not worse than current', own(1), own(1))).toMatchObject({ met: true })
    const silent = await judge('not worse than current', own(1), withMetrics('1.0.0', {}))
    expect(silent).toMatchObject({ met: false, actual: '1.0.0, which has prod, has no loss' })
    const undecided = await judge('not worse than current', withMetrics('2.0.0', { loss: 1 }), other)
    expect(undecided.actual).toMatch(/`metric` of m in models\.yaml/)
  })
})
