import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSections, openYaml, readYaml } from './document.ts'
import { editedYaml } from './edited.ts'

const SOURCE = { code: 'CONFIG_INVALID' } as const

/** The text after a change of one value. */
async function changed(text: string, place: readonly string[], value: unknown): Promise<string> {
  const document = await openYaml(text, SOURCE)
  document.setIn(place, document.createNode(value))
  return await editedYaml(document, text)
}

const HAND = `# our models
models:
    cnn:   # the first
        path:    models/cnn.pth
        labels:  { a: 1,  b: 2 }
        notes: a text
            of two lines


    # the second
    resnet: {path: x}   # short
`

test('what a person wrote stays as it stands: comments behind keys, columns, blank lines, texts over lines', async () => {
  expect(await changed(HAND, ['models', 'cnn', 'metric'], 'val_acc')).toBe(
    HAND.replace('of two lines\n', 'of two lines\n        metric: val_acc\n'),
  )
})

test('line ends, a byte order mark and lists that are not further in than their key stay', async () => {
  const text = '\ufeffa:\r\n- x\r\n-   y\r\nb: 1\r\n'
  expect(await changed(text, ['c'], 2)).toBe(`${text}c: 2\r\n`)
  expect(await changed('\ufeffa:\n    x: 1\n', ['a', 'y'], 2)).toBe('\ufeffa:\n    x: 1\n    y: 2\n')
  expect(await changed('a:\n    - x', ['c'], 2)).toBe('a:\n    - x\nc: 2\n')
})

test('spaces within a text are no white space', async () => {
  const text = 'a: "x  y"   # one\nb: 1   # two\n'
  const made = await changed(text, ['a'], 'xy')
  expect(await readYaml(made, SOURCE)).toEqual(new Map<string, unknown>(Object.entries({ a: 'xy', b: 1 })))
})

const MODEL = (lines: string): string =>
  `models:\n  cnn:\n    path: m.pth\n${lines}\n    dataset: d # why\n\n  b: {path: c}\n`

test.each([
  ['texts over many lines', '    notes: one\n      two\n      three\n      four\n      five\n      six'],
  ['folded texts', '    notes: >\n      one\n      two\n      three\n      four\n      five\n\n      six'],
  ['literal texts', '    notes: |2\n        one  two\n      # three\n\n      four'],
  ['escapes', '    notes: "caf\\u00e9 \\x41 \\\n      \\/"'],
  [
    'numbers',
    '    training:\n      lr: 1e3\n      a: .5\n      b: 007\n      c: 1.0e-04\n      seed: 12345678901234567890',
  ],
  [
    'braces and brackets over lines',
    '    labels: [\n      a,\n        b, # two\n      c,\n      d,\n      e,\n    ]\n    training: {a: 1,\n      b: 2}',
  ],
  [
    'other indentation, and lists in lists',
    '    training:\n          a: 1\n          b:\n          - - 1\n            - 2\n          -   c: 3',
  ],
  ['keys with a question mark, tabs and tags', '    ? title\n    : x\n    notes:\ty\t# z\n    a: !!str 12'],
])('%s stay byte for byte where another value changes', async (_, lines) => {
  const text = MODEL(lines)
  expect(await changed(text, ['models', 'cnn', 'task'], 'x')).toBe(text.replace('# why\n', '# why\n    task: x\n'))
  expect(await changed(text, ['models', 'cnn', 'path'], 'n')).toBe(text.replace('m.pth', 'n'))
})

test('what is new among keys with an indentation of their own has that', async () => {
  expect(await changed('a:\n    b: 1\nc:\n  d:\n     e: 1\n', ['c', 'd', 'f'], { g: 1 })).toBe(
    'a:\n    b: 1\nc:\n  d:\n     e: 1\n     f:\n         g: 1\n',
  )
})

test('each line keeps its own line end, and a literal text of the configuration its lines', async () => {
  expect(await changed('a: 1\r\nb: 2\nc: 3\r\n', ['a'], 5)).toBe('a: 5\r\nb: 2\nc: 3\r\n')
  const text = 'a: |\n  x\n  y\nb: 1\n'
  const document = await openYaml(text, SOURCE)
  document.set('b', 2)
  expect(await editedYaml(document, text)).toBe('a: |\n  x\n  y\nb: 2\n')
})

test.each([
  ['models:\n', 'models:\n  a: 1\n'],
  ['models: # none yet\n# end\n', 'models: # none yet\n  a: 1\n# end\n'],
  ['b: 1\nmodels: ~\n\nc: 2\n', 'b: 1\nmodels:\n  a: 1\n\nc: 2\n'],
  ['', 'models:\n  a: 1\n'],
  ['# x\n', '# x\n\nmodels:\n  a: 1\n'],
])('a section that is still empty is filled: %j', async (text, expected) => {
  const document = await openYaml(text, SOURCE)
  openSections(document, ['models', 'a'])
  document.setIn(['models', 'a'], 1)
  expect(await editedYaml(document, text)).toBe(expected)
})

test('what could not be read again is not made', async () => {
  const text = `a: ${'x'.repeat((1 << 20) - 10)}\n`
  await expect(changed(text, ['b'], 'y'.repeat(20))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

test('a text that folded lines cannot hold is quoted', async () => {
  const document = await openYaml('a: >\n  b\n', SOURCE)
  document.set('a', ' ')
  expect(await readYaml(await editedYaml(document, 'a: >\n  b\n'), SOURCE)).toEqual(new Map([['a', ' ']]))
})

test('a long line costs no time that anybody could use', async () => {
  const text = `a: 1\n${Array.from({ length: 500 }, (_, at) => `k${at}:   [${at}]\n`).join('')}x: "${':#'.repeat(400_000)}"\n`
  expect(await changed(text, ['a'], 2)).toBe(text.replace('a: 1', 'a: 2'))
})

test('however it was written, it says what the document says', async () => {
  const line = fc.constantFrom(
    'k: 1',
    'k:   2 # c',
    'k:\n    - a\n    -   b',
    'k:\n- a',
    'k: |\n   text\n    more\n\n',
    'k: >\n a\n b\n',
    'k: "a  b"',
    'k: {x:  1, y: [1,2]}',
    '# note',
    '',
    'k:\n  x:\n      y: 1',
    'k: a\n  b',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.string(), fc.boolean(), async (lines, value, crlf) => {
      const text = `${lines.map((one, at) => one.replace(/^k/, `k${at}`)).join('\n')}\n`
      const made = await changed(crlf ? text.replaceAll('\n', '\r\n') : text, ['k0'], value)
      const expected = (await readYaml(text, SOURCE)).set('k0', value)
      expect(Object.fromEntries(await readYaml(made, SOURCE))).toEqual(Object.fromEntries(expected))
    }),
  )
})
