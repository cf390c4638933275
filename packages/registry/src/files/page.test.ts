import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareRecord, exampleRecord } from './example-record.ts'
import { markdownText } from './markdown-text.ts'
import { renderPage } from './render-page.ts'

const never = () => false
const releases = [
  exampleRecord(),
  exampleRecord({ version: '1.1.0' }),
  exampleRecord({ version: '2.0.0-rc.1' }),
  bareRecord({ model: 'a/resnet', version: '0.0.1' }),
  bareRecord({ model: 'zfnet', version: '3.0.0' }),
]

const BLOCK = /^<!-- art:release (\S+) -->[^]*?^<!-- \/art:release \1 -->\r?\n?/gm

/** What people wrote, but for blank lines. */
function byHand(text: string): string[] {
  return text
    .replaceAll(BLOCK, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.replace(/\r$/, ''))
}

const line = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom(
    '# Models',
    '## SimpleCNN v1.0.0',
    '### simple_cnn 1.1.0 (baseline)',
    '# SimpleCNN',
    '## v2.0.0-rc.1',
    '## Notes',
    '```',
    '- **Dataset**: theirs',
    '<!-- a comment -->',
    '  indented  ',
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll(/[\r\n]|^[<>]{7}/g, ' ')),
)
const page = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, eol, ends]) => lines.join(eol) + (ends ? eol : ''))

describe('what people wrote survives', () => {
  test('around sections of releases that come, change and go', () => {
    const some = fc.subarray(releases)
    fc.assert(
      fc.property(page, some, some, page, fc.nat(), (text, first, more, inserted, at) => {
        let now = renderPage(first, text, never).text
        expect(byHand(now)).toEqual(byHand(text))
        expect(renderPage(first, now, never)).toEqual({ text: now, problems: [] })
        // People write on, between sections.
        const places = [0, ...[...now.matchAll(BLOCK)].map((found) => found.index + found[0].length), now.length]
        const place = places[at % places.length]!
        const eol = now.includes('\r\n') ? '\r\n' : '\n'
        const before = now.slice(0, place)
        now = `${before}${before === '' || before.endsWith('\n') ? '' : eol}${inserted}${eol}${now.slice(place)}`
        const all = [...new Set([...first, ...more])]
        const next = renderPage(all, now, never).text
        expect(byHand(next)).toEqual(byHand(now))
        expect(renderPage(all, next, never)).toEqual({ text: next, problems: [] })
        const changed = all.map((record) => ({ ...record, created: '2027-01-01T00:00:00Z' }))
        expect(byHand(renderPage(changed, next, never).text)).toEqual(byHand(now))
        expect(byHand(renderPage([], next, () => true).text)).toEqual(byHand(now))
        expect(renderPage([], next, never)).toEqual({ text: next, problems: [] })
      }),
      { numRuns: 500 },
    )
  })

  test('in a section of their own of a release, which gets the facts at its end', () => {
    const text = '# Ours\n\n## SimpleCNN v1.0.0\n\nGood one.\n\n### Details\n\nmore\n\n## Ideas\n\nlater\n'
    const made = renderPage([exampleRecord(), exampleRecord({ version: '1.1.0' })], text, never).text
    expect(made.indexOf('Good one.')).toBeLessThan(made.indexOf('<!-- art:release simple_cnn@v1.0.0 -->'))
    expect(made.indexOf('<!-- /art:release simple_cnn@v1.0.0 -->')).toBeLessThan(made.indexOf('### Details'))
    expect(made.match(/SimpleCNN v1\.0\.0/g)).toHaveLength(1)
    expect(made).toContain('## SimpleCNN v1.1.0')
  })

  test('behind a section: what is new comes behind it, too', () => {
    const first = renderPage([exampleRecord({ version: '1.1.0' })], undefined, never).text
    const noted = `${first}\nMy notes on 1.1.0.\n`
    const made = renderPage([exampleRecord(), exampleRecord({ version: '1.1.0' })], noted, never).text
    expect(made.startsWith(noted)).toBe(true)
  })
})

test('a section that was edited is named, and made again', () => {
  const text = renderPage(releases, undefined, never).text
  const edited = text.replace('**Accuracy**: 0.915', '**Accuracy**: 0.999')
  expect(renderPage(releases, edited, never)).toEqual({
    text,
    problems: [
      {
        kind: 'wrong',
        release: 'simple_cnn@v2.0.0-rc.1',
        message: 'its section says "- **Accuracy**: 0.999 (val_acc)"',
      },
    ],
  })
})

test.each([
  ['a beginning without an end', '# x\n<!-- art:release a@v1.0.0 -->\ntext\n', 2],
  ['an end without a beginning', '<!-- /art:release a@v1.0.0 -->\n', 1],
  ['an end of another', '<!-- art:release a@v1.0.0 -->\n<!-- /art:release b@v1.0.0 -->\n', 2],
  ['one in another', '<!-- art:release a@v1.0.0 -->\n<!-- art:release b@v1.0.0 -->\n', 2],
  [
    'two of a release',
    '<!-- art:release a@v1.0.0 -->\n<!-- /art:release a@v1.0.0 -->\n<!-- art:release a@v1.0.0 -->\n',
    3,
  ],
  ['no release', '<!-- art:release a@v1 -->\n', 1],
  ['a merge conflict', 'x\n<<<<<<< HEAD\n', 2],
])('%s is an error that names the line', (_, text, at) => {
  expect(() => renderPage(releases, text, never)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', path: `MODELS.md:${at}` }),
  )
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[<>\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/

test('whatever a fact is, it is one line of text: no markup, no HTML, no marker, nothing for a terminal', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '-->\n<!-- /art:release simple_cnn@v1.0.0 -->',
    '# x',
    '[a](javascript:b)',
    '`a` *b* _c_ |',
    '\u001b[31m\u202e',
  ]
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 80 })), (text) => {
      const record = exampleRecord({
        entry: { path: 'x', title: text, dataset: text, training: new Map([['gpu', text]]) },
      })
      const made = renderPage([record], undefined, never).text
      expect(renderPage([record], made, never).problems).toEqual([])
      expect(made.split('\n')).toHaveLength(16)
      const facts = made.split('\n').filter((one) => !one.startsWith('<!-- ') && !one.startsWith('- **Commit'))
      expect(facts.join('\n')).not.toMatch(CONTROLS)
      expect(markdownText(text)).not.toMatch(/(?<!\\)[`*[\]{}|~]|[<>]/)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['marks of headings', `# ${'# '.repeat(500_000)}x`],
  ['space', `#${' '.repeat(1_000_000)}x`],
  ['versions', `# ${'1.0.0'.repeat(200_000)}`],
  ['markers', '<!-- art:release a@v'.repeat(50_000)],
  ['headings', '## SimpleCNN v1.0.0\n'.repeat(50_000)],
  ['fences', '```\n'.repeat(200_000)],
])('a page of a megabyte of %s takes no time', (_, text) => {
  // Quadratic time would take longer than the limit of a test.
  expect(renderPage(releases, text, never).text).toContain('art:release zfnet@v3.0.0')
})

test('thousands of sections of people and of releases are looked through once: the limit of the test says so', () => {
  const records = Array.from({ length: 10_000 }, (_, at) => bareRecord({ model: `net${at}` }))
  const others = Array.from({ length: 20_000 }, (_, at) => `## Other${at} v1.0.0\n\nText.\n\n`).join('')
  const written = `# Models\n\n${others}## net7 v1.0.0\n\nOurs.\n`
  const { text, problems } = renderPage(records, written, never)
  expect(problems).toHaveLength(10_000)
  expect(text).toMatch(/## net7 v1\.0\.0\n\nOurs\.\n\n<!-- art:release net7@v1\.0\.0 -->/)
  expect(renderPage(records, text, never)).toEqual({ text, problems: [] })
})
