import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeModel } from '@art/checkpoint/table/describe.ts'
import type { TensorTable } from '@art/checkpoint/table/table.ts'
import { modelOf, tensor } from '@art/checkpoint/temporary-model.ts'
import { compareVersions, isPrerelease } from '../version/version.ts'
import { type ArchitectureChange, architectureChange } from './architecture.ts'
import { gainOf, reaches } from './gain.ts'
import { nextVersion, predecessor } from './next.ts'
import { type BumpFacts, type BumpQuestion, proposeBump } from './propose.ts'

const SAME: ArchitectureChange = { added: 0, removed: 0, renamed: 0, reshaped: 0, same: true }
const OTHER: ArchitectureChange = { ...SAME, reshaped: 1, same: false, example: 'fc.weight [10, 5] → [100, 5]' }

function facts({
  acc = 0.8,
  lr = '0.1',
  ...more
}: Partial<BumpFacts> & { acc?: number | string; lr?: string } = {}): BumpFacts {
  return {
    weights: 'sha256:a',
    parameters: 10,
    dataset: 'CIFAR-10',
    config: new Map([['lr', lr]]),
    metrics: new Map([['acc', acc]]),
    ...more,
  }
}

function ask(after: BumpFacts, more: Partial<BumpQuestion> = {}): BumpQuestion {
  const deciding = { name: 'acc', direction: 'highest' as const }
  return { before: facts(), after, architecture: SAME, deciding, majorGain: 0.05, ...more }
}

describe('what a change asks for', () => {
  test.each([
    ['major', 'tensors of another shape', ask(facts(), { architecture: OTHER }), /architecture changed: fc\.weight/],
    ['major', 'a much better metric', ask(facts({ acc: 0.85 })), /acc 0\.8 → 0\.85: better by 0\.05/],
    [
      'major',
      'a loss that is much lower',
      ask(facts({ acc: 0.7 }), { deciding: { name: 'acc', direction: 'lowest' } }),
      /better by 0\.1/,
    ],
    [
      'major',
      'another number of parameters, where no table is there',
      ask(facts({ parameters: 11, weights: 'b' }), { architecture: undefined }),
      /10 parameters → 11/,
    ],
    ['minor', 'another hyperparameter', ask(facts({ lr: '0.2' })), /configuration changed: lr 0\.1 → 0\.2/],
    ['minor', 'another dataset', ask(facts({ dataset: 'CIFAR-100' })), /dataset changed: CIFAR-10 → CIFAR-100/],
    ['patch', 'other weights', ask(facts({ weights: 'sha256:b', acc: 0.84 })), /other weights/],
    ['patch', 'nothing but metadata', ask(facts()), /metadata alone/],
  ] as const)('%s: %s', (bump, _what, question, why) => {
    const proposal = proposeBump(question)
    expect(proposal.bump).toBe(bump)
    expect(proposal.why.join('; ')).toMatch(why)
  })

  test('all reasons of the highest kind are told, and none of a lower one', () => {
    const { why } = proposeBump(ask(facts({ acc: 0.95, lr: '3', dataset: 'x' }), { architecture: OTHER }))
    expect(why).toHaveLength(2)
  })

  test('a metric that is worse, or that cannot be compared, is told', () => {
    expect(proposeBump(ask(facts({ acc: 0.5 }))).notes).toEqual(['acc 0.8 → 0.5 is worse'])
    expect(proposeBump(ask(facts({ acc: 'nan' }))).notes.join()).toContain('could not be compared')
    expect(proposeBump(ask(facts({ metrics: new Map() }))).bump).toBe('patch')
  })

  test('without tables equal weights digests say that the architecture is the same; else the doubt is told', () => {
    expect(proposeBump(ask(facts(), { architecture: undefined })).notes).toEqual([])
    const { bump, notes } = proposeBump(ask(facts({ weights: 'b' }), { architecture: undefined }))
    expect(bump).toBe('patch')
    expect(notes.join()).toContain('a tensor table is missing')
  })

  const figure = fc.oneof(fc.double(), fc.constantFrom('nan', 'inf', '-inf'))
  const anyFacts = fc
    .record({
      weights: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      parameters: fc.option(fc.nat(3), { nil: undefined }),
      dataset: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
      config: fc.array(fc.tuple(fc.constantFrom('lr', '__proto__', 'constructor'), fc.constantFrom('1', '2'))),
      metrics: fc.array(fc.tuple(fc.constantFrom('acc', '__proto__'), figure)),
    })
    .map(({ config, metrics, ...rest }): BumpFacts => ({ ...rest, config: new Map(config), metrics: new Map(metrics) }))

  test('the rule as the documentation states it, for any facts', () => {
    const architecture = fc.constantFrom(SAME, OTHER, undefined)
    const direction = fc.constantFrom('highest' as const, 'lowest' as const)
    fc.assert(
      fc.property(
        anyFacts,
        anyFacts,
        architecture,
        direction,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (before, after, change, end, majorGain) => {
          const deciding = { name: 'acc', direction: end }
          const { bump, why } = proposeBump({ before, after, architecture: change, deciding, majorGain })
          const counted =
            before.parameters !== undefined && after.parameters !== undefined && before.parameters !== after.parameters
          const alike = before.weights !== undefined && before.weights === after.weights
          const gain = gainOf('acc', before.metrics.get('acc'), after.metrics.get('acc'), end)
          const major =
            (change === undefined ? counted && !alike : !change.same) ||
            (gain !== undefined && reaches(gain, majorGain))
          const key = (one: BumpFacts): string => JSON.stringify([...one.config].sort(([a], [b]) => (a < b ? -1 : 1)))
          const minor = before.dataset !== after.dataset || key(before) !== key(after)
          expect(bump).toBe(major ? 'major' : minor ? 'minor' : 'patch')
          expect(why.length).toBeGreaterThan(0)
        },
      ),
    )
  })
})

test.each([
  [0.9, 0.95, 'highest', 0.05],
  [0.3, 0.25, 'lowest', 0.05],
  [20, 18, 'lowest', 0.1],
  [91.5, 92, 'highest', 0.5 / 91.5],
  [0, 5, 'highest', 1],
  [0.5, 0.4, 'highest', -0.1],
] as const)('%f to %f, the %s being best, is a gain of %f', (before, after, direction, gain) => {
  expect(gainOf('m', before, after, direction)?.gain).toBeCloseTo(gain, 12)
})

describe('the architecture', () => {
  const table = (weights: Record<string, number[]>, prefix = ''): Promise<TensorTable> =>
    tableOf(Object.fromEntries(Object.entries(weights).map(([name, shape]) => [prefix + name, shape])))
  const tableOf = async (weights: Record<string, number[]>): Promise<TensorTable> => {
    const tensors = Object.entries(weights).map(([name, shape]) => [name, tensor({ shape })] as const)
    return await describeModel(modelOf({ state_dict: Object.fromEntries(tensors) }))
  }
  const NET = { 'conv.weight': [2, 3], 'conv.bias': [2], 'fc.weight': [4, 2] }

  test('is the same for the same names and shapes, behind a wrapper too', async () => {
    const net = await table(NET)
    expect(architectureChange(net, await table(NET))).toMatchObject({ same: true })
    expect(architectureChange(net, await table(NET, 'module.'))).toMatchObject({ same: true })
  })

  test('is another with a tensor more, less, or of another shape', async () => {
    const net = await table(NET)
    expect(architectureChange(net, await table({ ...NET, 'new.bias': [9] }))).toMatchObject({ same: false, added: 1 })
    expect(architectureChange(net, await table({ ...NET, 'fc.weight': [5, 2] }))).toMatchObject({
      same: false,
      reshaped: 1,
      example: 'fc.weight [4, 2] → [5, 2]',
    })
    const { 'conv.bias': _, ...less } = NET
    expect(architectureChange(net, await table(less))).toMatchObject({ same: false, removed: 1 })
  })
})

describe('the next version', () => {
  const free = (): boolean => false

  test.each([
    [undefined, 'patch', '1.0.0'],
    ['1.2.3', 'major', '2.0.0'],
    ['1.2.3', 'minor', '1.3.0'],
    ['1.2.3', 'patch', '1.2.4'],
    ['2.0.0-rc.1', 'patch', '2.0.0'],
    ['0.4.0', 'major', '1.0.0'],
  ] as const)('of %s by %s is %s', (from, bump, to) => expect(nextVersion(from, bump, free)).toBe(to))

  test('is above what it follows and not taken, whatever there is', () => {
    const version = fc
      .tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.option(fc.nat(2), { nil: undefined }))
      .map(([a, b, c, rc]) => `${a}.${b}.${c}${rc === undefined ? '' : `-rc.${rc}`}`)
    fc.assert(
      fc.property(fc.array(version), fc.constantFrom('major', 'minor', 'patch'), (versions, bump) => {
        const from = predecessor(versions, { prerelease: false })
        const next = nextVersion(from, bump, (one) => versions.includes(one))
        expect(versions).not.toContain(next)
        expect(isPrerelease(next)).toBe(false)
        for (const one of versions) if (!isPrerelease(one)) expect(compareVersions(next, one)).toBeGreaterThan(0)
      }),
    )
  })

  test('follows the highest that is no pre-release; a pre-release the highest of all', () => {
    const versions = ['1.0.0', '2.0.0-rc.1', '0.9.0']
    expect(predecessor(versions, { prerelease: false })).toBe('1.0.0')
    expect(predecessor(versions, { prerelease: true })).toBe('2.0.0-rc.1')
    expect(predecessor(['1.0.0-rc.2', '1.0.0-rc.10'], { prerelease: false })).toBe('1.0.0-rc.10')
    expect(predecessor([], { prerelease: false })).toBeUndefined()
  })
})
