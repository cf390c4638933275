import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openYaml, readYaml } from './document.ts'
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
      const expected = await openYaml(text, SOURCE)
      expected.set('k0', value)
      const same = (await readYaml(made, SOURCE)) as Map<string, unknown>
      expect(Object.fromEntries(same)).toEqual(
        Object.fromEntries((await readYaml(expected.toString({ lineWidth: 0 }), SOURCE)) as Map<string, unknown>),
      )
    }),
  )
})
