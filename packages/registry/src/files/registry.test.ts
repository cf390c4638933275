import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareRecord, exampleRecord } from './example-record.ts'
import { parseRegistry } from './registry-json.ts'
import { releasesAlone, renderRegistry } from './render-registry.ts'

const never = () => false
const releases = [exampleRecord(), exampleRecord({ version: '1.1.0' }), bareRecord({ model: 'resnet' })]

interface Registry {
  models: Record<string, unknown>[]
}
const parse = (text: string) => JSON.parse(text) as Registry

describe('what people wrote survives', () => {
  test('entries of other things and keys beside the list, byte for byte', () => {
    const json = fc.json({ maxDepth: 3 })
    const space = fc.constantFrom(undefined, 2, 4, '\t')
    fc.assert(
      fc.property(fc.array(json, { maxLength: 5 }), json, space, fc.subarray(releases), (others, top, indent, some) => {
        const file = {
          top: JSON.parse(top) as unknown,
          models: others.map((one) => JSON.parse(one) as unknown),
          last: 1,
        }
        const text = `${JSON.stringify(file, undefined, indent)}\n`
        const made = renderRegistry(some, text, never).text
        const { entries } = parseRegistry(text)
        for (const { start, end } of entries) expect(made).toContain(text.slice(start, end))
        const now = parse(made)
        expect(JSON.stringify({ ...now, models: now.models.slice(0, others.length) })).toBe(JSON.stringify(file))
        expect(now.models.slice(others.length).map(({ tag }) => tag)).toEqual(some.map(({ tag }) => tag))
        expect(renderRegistry(some, made, never)).toEqual({ text: made, problems: [] })
        expect(JSON.stringify(parse(renderRegistry([], made, () => true).text))).toBe(JSON.stringify(file))
      }),
      { numRuns: 300 },
    )
  })

  test.each([2, 4, '\t'])('its indentation, which new entries take up: %j', (indent) => {
    const text = `${JSON.stringify({ models: [{ name: 'old', version: '0.9.0' }] }, undefined, indent)}\n`
    const made = renderRegistry([bareRecord({ model: 'resnet' })], text, never).text
    const step = typeof indent === 'number' ? ' '.repeat(indent) : indent
    expect(made).toMatch(new RegExp(`^${step.repeat(3)}"name": "resnet",$`, 'm'))
    expect(made).toMatch(new RegExp(`^${step.repeat(2)}\\}\n${step}\\]$`, 'm'))
  })

  test('numbers that JavaScript cannot hold, and the form of a file', () => {
    const text = '{"models":[ {"id":"x","big":123456789012345678901234567890, "f":1.0},\n\n{"id":"y"} ],"z":1e400}'
    const made = renderRegistry([exampleRecord()], text, never).text
    expect(made).toContain('{"id":"x","big":123456789012345678901234567890, "f":1.0}')
    expect(made.endsWith(' ],"z":1e400}')).toBe(true)
  })

  test.each([
    ['its id', { id: 'simple_cnn_v1.0.0' }],
    ['title and version', { id: 7, name: 'SimpleCNN', version: 'v1.0.0' }],
    ['name and version', { id: 'first', name: 'simple_cnn', version: '1.0.0', accuracy: 91.5 }],
    ['its file', { id: 'm-1', path: 'models/simple_cnn_v1.0.0.pth', created: '2024-01-15' }],
  ])('in an entry that is of a release by %s, with what it calls things', (_, own) => {
    const text = JSON.stringify({ models: [{ id: 'before' }, { ...own, owner: 'ada' }, { id: 'after' }] }, undefined, 2)
    const made = renderRegistry([exampleRecord()], text, never).text
    const { models } = parse(made)
    expect(models).toHaveLength(3)
    expect(models[1]).toMatchObject({ ...own, owner: 'ada', oid: `sha256:${'a1'.repeat(32)}`, status: 'production' })
    expect(renderRegistry([exampleRecord()], made, never).problems).toEqual([])
    expect(renderRegistry([exampleRecord({ status: 'archived' })], made, never).problems).toHaveLength(1)
  })
})

test.each([
  ['production', undefined, 'art stage resnet@v2.0.1 production'],
  ['in use', undefined, undefined],
  ['released', undefined, undefined],
  ['archived', undefined, 'art archive resnet@v2.0.1'],
  ['staging', { stages: ['staging', 'prod'], status: 'prod' }, undefined],
  ['production', { status: 'archived' }, undefined],
])('of a status by hand, %j, it is told what keeps it', (status, more, keep) => {
  const record = bareRecord({ model: 'resnet', version: '2.0.1', ...more })
  const text = JSON.stringify({ models: [{ name: 'resnet', version: '2.0.1', status }] })
  const { text: made, problems } = renderRegistry([record], text, never)
  expect(problems.map((one) => one.keep)).toEqual([keep])
  // Of what art wrote itself nothing is told.
  const edited = made.replace(/"status":"[^"]*"/, '"status":"live"')
  expect(renderRegistry([record], edited, never).problems.map((one) => one.keep)).toEqual([undefined])
})

test('a new entry is as far in as the lines of the file, with spaces or tabs', () => {
  for (const unit of ['    ', '\t']) {
    const line = (depth: number): string => `\n${unit.repeat(depth)}`
    for (const entries of ['', `${line(2)}{"id": "xgb"}`]) {
      const list = entries === '' ? '[]' : `[${entries}${line(1)}]`
      const { text } = renderRegistry([exampleRecord()], `{${line(1)}"models": ${list}\n}\n`, never)
      expect(text).toContain(`${line(2)}{${line(3)}"id": "simple_cnn@v1.0.0",${line(3)}"name": "simple_cnn",`)
      expect(text).toContain(`${line(2)}}${line(1)}]\n}\n`)
    }
  }
})

test('what was edited by hand is named by release and key, and put right', () => {
  const text = renderRegistry(releases, undefined, never).text
  const edited = text
    .replace('"accuracy": 0.915', '"accuracy": 0.99')
    .replace('"size": 252661\n', '"size": 252661,\n      "own": true\n')
  const { text: made, problems } = renderRegistry(releases, edited, never)
  expect(problems).toEqual([
    { kind: 'wrong', release: 'simple_cnn@v1.0.0', message: 'accuracy is 0.99, and should be 0.915' },
  ])
  expect(made).toBe(edited.replace('0.99', '0.915'))
})

test('an entry of a release that is gone is taken out where that is wanted, a second one always', () => {
  const text = renderRegistry(releases, undefined, never).text
  expect(renderRegistry(releases.slice(1), text, never).problems).toEqual([])
  const without = renderRegistry(
    releases.slice(1),
    text,
    (model, version) => `${model} ${version}` === 'simple_cnn 1.0.0',
  )
  expect(without).toEqual({
    text: renderRegistry(releases.slice(1), undefined, never).text,
    problems: [{ kind: 'gone', release: 'simple_cnn@v1.0.0', message: 'it has an entry, and no tag' }],
  })
  const twice = text.replace(/(\n {4}\{\n[^]*?\n {4}\}),/, '$1,$1,')
  expect(parse(twice).models).toHaveLength(4)
  expect(renderRegistry(releases, twice, never).text).toBe(text)
})

test.each([
  ['no JSON', '{"models": [', /no JSON/],
  ['a list', '[]', /must be an object/],
  ['a text', '"x"', /must be an object/],
  ['no list of models', '{"models": {"a": 1}}', /must be a list/],
  ['a merge conflict', '{\n<<<<<<< HEAD\n"models": []\n=======\n}', /merge conflict/],
  ['nothing', '', /no JSON/],
])('%s is refused', (_, text, why) => {
  expect(() => renderRegistry(releases, text, never)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(why) }),
  )
})

test.each([
  '{}',
  '{"x": 1}',
  '{"models": []}',
  '\ufeff{"models": [1, null, "x", []]}',
  `{"models": [${'['.repeat(5000)}${']'.repeat(5000)}]}`,
])('an odd registry is taken as it is: %s', (text) => {
  const made = renderRegistry(releases, text, never).text
  expect(renderRegistry(releases, made, never).problems).toEqual([])
})

test('1,000 entries take no time that one would notice', () => {
  const many = Array.from({ length: 1000 }, (_, at) => exampleRecord({ version: `1.${at}.0` }))
  const text = renderRegistry(many, undefined, never).text
  expect(renderRegistry(many, text, never).problems).toEqual([])
})

test.each([
  ['one path', { path: 'a.'.repeat(500_000) }],
  ['one key', { ['k'.repeat(1_000_000)]: 1 }],
  ['many keys', Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, at]))],
])('an entry of a megabyte takes no time: %s', (_, entry) => {
  const made = renderRegistry(releases, JSON.stringify({ models: [entry] }), never).text
  expect(parse(made).models).toHaveLength(4)
})

test("without what is nobody's release a file has the same problems", () => {
  const entry = fc.oneof(
    fc.json({ maxDepth: 2 }).map((one) => JSON.parse(one) as unknown),
    fc.constantFrom(
      ...parse(renderRegistry([...releases, bareRecord({ model: 'gone' })], undefined, never).text).models,
    ),
    fc.record({
      id: fc.constantFrom('resnet_v1.0.0', 7),
      name: fc.constantFrom('resnet', 'other'),
      status: fc.string(),
    }),
  )
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), fc.subarray(releases), fc.boolean(), (models, some, isGone) => {
      const text = JSON.stringify({ top: 1, models, last: [2] }, undefined, 2)
      const problems = (from: string) => renderRegistry(some, from, () => isGone).problems
      expect(problems(releasesAlone(some, text))).toEqual(problems(text))
    }),
  )
  for (const text of ['{', '{"models": 1}', '{}', '[]']) expect(releasesAlone(releases, text)).toBe(text)
})
