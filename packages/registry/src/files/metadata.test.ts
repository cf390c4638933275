import { readYaml } from '@art/core/yaml/document.ts'
import type { YamlMap, YamlValue } from '@art/core/yaml/plain.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bareRecord, exampleRecord } from './example-record.ts'
import { metadataDisagreements, metadataOf, renderMetadata } from './metadata.ts'
import { formatYaml } from './yaml-text.ts'

const read = (text: string) => readYaml(text, { code: 'CONFIG_INVALID' })

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    'yes',
    'NO',
    'on',
    'y',
    '~',
    '1_000',
    '12:30:00',
    '0777',
    '1e3',
    '2026-11-26',
    '=',
    'a # b',
    'a: b',
    '.inf',
  ),
)
const value: fc.Arbitrary<YamlValue> = fc.oneof(
  text,
  fc.double(),
  fc.boolean(),
  fc.array(fc.oneof(text, fc.integer()), { maxLength: 3 }),
  fc.dictionary(text, text, { maxKeys: 3 }).map((map) => new Map(Object.entries(map))),
)
const key = text.filter((name) => name !== '__proto__' && name !== '<<')

test('any facts come back as they were written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(key, value), { maxLength: 6 }), async (entries) => {
      const record = exampleRecord({ entry: { path: 'x', architecture: new Map(entries), training: new Map(entries) } })
      const made = await renderMetadata(record)
      expect(await metadataDisagreements(record, made)).toEqual([])
      expect(await renderMetadata(record, made)).toBe(made)
    }),
  )
})

test('comments and keys of people survive, wherever they stand, and wrong values are put right', async () => {
  const theirs = fc.constantFrom(
    '# note',
    'reviewed_by: grace',
    'extra: {a: 1, b: [x, "y"]}',
    'links:\n  - http://a # here\n  - b',
  )
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(theirs), fc.nat(), fc.boolean(), async (lines, at, isWrong) => {
      const record = exampleRecord()
      const own = (await renderMetadata(record)).split('\n').slice(0, -1)
      const tops = own.flatMap((line, index) => (line.startsWith(' ') ? [] : [index]))
      const place = tops[at % tops.length]!
      const joined = [...own.slice(0, place), ...lines, ...own.slice(place)].join('\n')
      const found = `${isWrong ? joined.replace('val_acc: 0.915', 'val_acc: 0.99 # better') : joined}\n`
      const made = await renderMetadata(record, found)
      if (!isWrong) expect(made).toBe(found)
      for (const line of lines.join('\n').split('\n')) expect(made).toContain(line)
      expect(made.includes('# better')).toBe(isWrong)
      expect(await metadataDisagreements(record, made)).toEqual([])
      expect(await renderMetadata(record, made)).toBe(made)
    }),
  )
})

test('a file that people wrote is taken over', async () => {
  const byHand = `# by hand
model_name: SimpleCNN
version: 1.0.0   # the first
metrics: {accuracy: 0.92, val_acc: 0.9}
architecture:
  total_params: 5
  # layers of ours
  blocks: 3
training:
notes: |
  two
  lines
`
  const made = await renderMetadata(
    bareRecord({ facts: { parameters: 7, metrics: { val_acc: 0.8 }, config: { lr: 1 } } }),
    byHand,
  )
  expect(made).toContain('# by hand\nmodel_name: SimpleCNN\nversion: 1.0.0   # the first\n')
  expect(made).toContain('notes: |\n  two\n  lines\n')
  expect(made).toContain('  # layers of ours\n  blocks: 3\n')
  const now = await read(made)
  expect(now.get('metrics')).toEqual(
    new Map([
      ['accuracy', 0.92],
      ['val_acc', 0.8],
    ]),
  )
  expect(now.get('architecture')).toEqual(
    new Map([
      ['total_params', 7],
      ['blocks', 3],
    ]),
  )
  expect(now.get('training')).toEqual(new Map([['learning_rate', 1]]))
  expect(await renderMetadata(bareRecord(), made)).toBe(made)
})

test('what disagrees is named by its key', async () => {
  const record = exampleRecord()
  const edited = (await renderMetadata(record)).replace('epochs: 100', 'epochs: 90').replace(/^size: .*\n/m, '')
  expect(await metadataDisagreements(record, edited)).toEqual([
    { key: 'training.epochs', found: 90, expected: 100 },
    { key: 'size', found: undefined, expected: 252_661 },
  ])
})

test.each([
  '- a\n',
  'a: &x 1\nb: *x\n',
  'a: !!python/object:os.system x\n',
  'a: 1\na: 2\n',
  '{',
  `x: ${'['.repeat(5000)}`,
])('a hostile metadata file is refused by name, %#', async (hostile) => {
  await expect(renderMetadata(exampleRecord(), hostile)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    path: expect.stringContaining('models/simple_cnn_v1.0.0_metadata.yaml'),
  })
})

test('lists of maps and nothing are written, too', async () => {
  const map: YamlMap = new Map<string, YamlValue>([
    ['a', [new Map([['x', null]]), []]],
    ['b', new Map()],
  ])
  expect(formatYaml(map)).toBe('a: [{x: null}, []]\nb: {}\n')
  expect(await read(formatYaml(map))).toEqual(map)
  expect(metadataOf(bareRecord()).has('metrics')).toBe(false)
})
