import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatGtoTag, parseGtoTag } from './grammar.ts'
import {
  assignmentsOf,
  deprecationOf,
  type Ledger,
  type ModelLedger,
  nextCounter,
  readLedger,
  releasesOf,
  stagesOf,
  withTags,
} from './ledger.ts'
import { formatTagMessage } from './message.ts'
import { movesOf } from './moves.ts'
import type { Tag } from './tag.ts'

/** A tag at a second, on a commit of one letter. */
function tag(name: string, second: number, commit: string, more: Partial<Tag> = {}): Tag {
  return { name, commit, date: second * 1000, annotated: true, author: 'Ada <ada@x>', message: '', ...more }
}

const read = (...tags: Tag[]): Ledger => readLedger(tags, (name) => parseGtoTag(name))
const ledgerOf = (...tags: Tag[]): ModelLedger => read(...tags).get('m')!
const THREE = [tag('m@v1.0.0', 1, 'a'), tag('m@v2.0.0', 2, 'b'), tag('m@v3.0.0', 3, 'c')]
const holderOf = (ledger: ModelLedger, at?: number): string | undefined => stagesOf(ledger, at).get('prod')?.version

describe('who holds a stage', () => {
  test('is the last one it was assigned to, whichever version is higher', () => {
    expect(holderOf(ledgerOf(...THREE, tag('m#prod#1', 4, 'c'), tag('m#prod#2', 5, 'a')))).toBe('1.0.0')
  })

  test('goes by counters where a clock was wrong, and where everything came in one second', () => {
    expect(holderOf(ledgerOf(...THREE, tag('m#prod#1', 9, 'c'), tag('m#prod#2', 5, 'a')))).toBe('1.0.0')
    expect(holderOf(ledgerOf(...THREE, tag('m#prod#2', 5, 'a'), tag('m#prod#10', 5, 'b')))).toBe('2.0.0')
  })

  test('falls back to the one before when it is taken from the last one, as in GTO', () => {
    const tags = [...THREE, tag('m#prod#1', 4, 'a'), tag('m#prod#2', 5, 'c'), tag('m#prod!#3', 6, 'c')]
    expect(holderOf(ledgerOf(...tags))).toBe('1.0.0')
    expect(holderOf(ledgerOf(...tags, tag('m#prod!#4', 7, 'a')))).toBeUndefined()
  })

  test('is none whose version was withdrawn', () => {
    const tags = [...THREE, tag('m#prod#1', 4, 'a'), tag('m#prod#2', 5, 'c'), tag('m@v3.0.0!', 6, 'c')]
    expect(holderOf(ledgerOf(...tags))).toBe('1.0.0')
    expect(holderOf(ledgerOf(...tags), 5000)).toBe('3.0.0')
    expect(holderOf(ledgerOf(...tags, tag('m@v3.0.0#7', 7, 'c')))).toBe('3.0.0')
  })

  test('may be a commit without a version, which can get one later', () => {
    const tags = [tag('m@v1.0.0', 1, 'a'), tag('m#prod#1', 2, 'z')]
    expect(stagesOf(ledgerOf(...tags)).get('prod')).toMatchObject({ version: undefined, commit: 'z' })
    expect(holderOf(ledgerOf(...tags, tag('m@v1.1.0', 3, 'z')))).toBe('1.1.0')
  })

  test('is not told by lightweight tags, but they count', () => {
    const ledger = ledgerOf(...THREE, tag('m#prod#50', 4, 'a', { annotated: false }))
    expect(holderOf(ledger)).toBeUndefined()
    expect(nextCounter(ledger)).toBe(51)
  })

  test('of two versions on one commit is the one that its message names', () => {
    const named = (version: string): Partial<Tag> => ({ message: formatTagMessage('x', { version }) })
    const two = [tag('m@v1.0.0', 1, 'a'), tag('m@v1.1.0', 2, 'a')]
    const first = tag('m#prod#1', 3, 'a', named('1.0.0'))
    const both = [...two, first, tag('m#prod#2', 4, 'a', named('1.1.0'))]
    expect(holderOf(ledgerOf(...two, first))).toBe('1.0.0')
    expect(assignmentsOf(ledgerOf(...both)).get('prod')).toMatchObject([{ version: '1.0.0' }, { version: '1.1.0' }])
    expect(holderOf(ledgerOf(...both, tag('m#prod!#3', 5, 'a', named('1.1.0'))))).toBe('1.0.0')
    expect(holderOf(ledgerOf(...both, tag('m#prod!#3', 5, 'a')))).toBeUndefined()
    expect(holderOf(ledgerOf(...two, tag('m#prod#1', 3, 'a')))).toBe('1.1.0')
    expect(holderOf(ledgerOf(...two, tag('m#prod#1', 3, 'a', named('9.9.9'))))).toBe('1.1.0')
  })
})

test.each([
  ['on one commit', () => 'a', ''],
  ['on one commit, each stage told of its version', () => 'a', 'told'],
  ['each on a commit of its own', String, ''],
])('thousands of versions with a stage cost no more than their number: %s', (_name, commitOf, told) => {
  const tags = Array.from({ length: 5000 }, (_, at) => {
    const message = told && formatTagMessage('x', { version: `1.${at}.0` })
    return [tag(`m@v1.${at}.0`, at, commitOf(at)), tag(`m#prod#${at + 1}`, at, commitOf(at), { message })]
  })
  const ledger = ledgerOf(...tags.flat())
  const begun = performance.now()
  const moves = movesOf(ledger)
  expect(moves.at(-1)).toMatchObject({ to: '1.4999.0' })
  // Where each looks through all before it, it takes ten seconds.
  expect(performance.now() - begun).toBeLessThan(2000)
})

test('a model is deprecated until something else is said of it', () => {
  const gone = ledgerOf(...THREE, tag('m@deprecated', 4, 'c'))
  expect(deprecationOf(gone)).toMatchObject({ name: 'm@deprecated' })
  expect(deprecationOf(gone, 3000)).toBeUndefined()
  expect(deprecationOf(ledgerOf(...THREE, tag('m@deprecated', 4, 'c'), tag('m#dev#1', 5, 'c')))).toBeUndefined()
})

test('moves say from whom to whom, and a rollback is one of them', () => {
  const back = { message: formatTagMessage('x', { version: '3.0.0', rolledBack: '3.0.0' }) }
  const tags = [
    ...THREE,
    tag('m#prod#1', 4, 'a'),
    tag('m#prod#2', 5, 'c'),
    tag('m#prod!#3', 6, 'c', back),
    tag('m#prod#4', 6, 'a', back),
    tag('m#prod!#5', 7, 'a'),
  ]
  expect(movesOf(ledgerOf(...tags)).slice(3)).toMatchObject([
    { kind: 'staged', from: undefined, to: '1.0.0' },
    { kind: 'staged', from: '1.0.0', to: '3.0.0' },
    { kind: 'rolled-back', version: '1.0.0', from: '3.0.0', to: '1.0.0', tag: { name: 'm#prod#4' } },
    { kind: 'unstaged', version: '1.0.0', from: '1.0.0', to: undefined },
  ])
})

/** Any history: versions and stages given and taken, on few commits, at any seconds. */
const histories = fc.array(
  fc.record({
    what: fc.constantFrom('version', 'stage', 'deprecated'),
    undone: fc.boolean(),
    which: fc.integer({ min: 0, max: 2 }),
    stage: fc.constantFrom('prod', 'dev'),
    commit: fc.constantFrom('a', 'b', 'c'),
    second: fc.integer({ min: 0, max: 9 }),
    annotated: fc.boolean(),
  }),
  { maxLength: 30 },
)
const tagsOf = (history: readonly (typeof histories extends fc.Arbitrary<(infer T)[]> ? T : never)[]): Tag[] => {
  const names = new Map<string, Tag>()
  for (const [at, { what, undone, which, stage, commit, second, annotated }] of history.entries()) {
    const name = formatGtoTag(
      what === 'version'
        ? { kind: 'version', model: 'm', version: `${which}.0.0`, undone, ...(at % 3 === 0 ? { counter: at + 1 } : {}) }
        : what === 'stage'
          ? { kind: 'stage', model: 'm', stage, undone, counter: at + 1 }
          : { kind: 'deprecated', model: 'm', undone: false },
    )
    const message = formatTagMessage('x', { version: `${which}.0.0` })
    names.set(name, tag(name, second, commit, { annotated, message }))
  }
  return [...names.values()]
}

describe('whatever the tags', () => {
  test('their order does not matter, and adding them one by one gives the same', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (history, keys) => {
        const tags = tagsOf(history)
        const shuffled = tags
          .map((one) => ({ one, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one)
        const whole = read(...tags)
        expect(read(...shuffled)).toEqual(whole)
        const grown = shuffled.reduce((ledger, one) => withTags(ledger, [one], parseGtoTag), read())
        expect(grown).toEqual(whole)
      }),
    )
  })

  test('who holds a stage is a version that stands, or a commit that never had one', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 9 }), (history, second) => {
        const ledger = read(...tagsOf(history)).get('m')
        if (ledger === undefined) return
        const at = second * 1000
        const standing = releasesOf(ledger, at)
        for (const assignments of assignmentsOf(ledger, at).values()) {
          const seen = new Set<string>()
          for (const {
            version,
            commit,
            tag: { date },
          } of assignments) {
            expect(date).toBeLessThanOrEqual(at)
            expect(seen.has(`${commit} ${version}`)).toBe(false)
            seen.add(`${commit} ${version}`)
            if (version !== undefined)
              expect(standing.some((one) => one.version === version && one.commit === commit)).toBe(true)
          }
        }
        const past = tagsOf(history).filter(({ date }) => date <= at)
        expect(stagesOf(ledger, at)).toEqual(past.length === 0 ? new Map() : stagesOf(read(...past).get('m')!))
      }),
    )
  })

  test('moves lead from each holder to the next, and end where the stages are', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const ledger = read(...tagsOf(history)).get('m')
        if (ledger === undefined) return
        const moves = movesOf(ledger)
        expect(moves.length).toBe(ledger.events.length)
        const last = moves.at(-1)
        if (last !== undefined && 'stage' in last) expect(last.to).toBe(stagesOf(ledger).get(last.stage)?.version)
      }),
    )
  })
})
