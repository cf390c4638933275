import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { formatPlainYaml, formatScalar, parsePlainYaml, type YamlValue } from './plain.ts'

const yaml = (text: string): unknown => parse(text, { version: '1.2', schema: 'core', mapAsMap: true }) ?? new Map()

/** Text made of what YAML gives a meaning to, so that most of it is nearly right. */
const nearYaml = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom('\n', '\n  ', '\n    ', ': ', ':', 'a', 'b', 'key', 'path: x', '[a, 1]', '"b"'),
      },
      fc.constantFrom(
        ' ',
        '#',
        '- ',
        '"',
        "'",
        '\\',
        '\\u0041',
        '\\n',
        '\t',
        '\r',
        '\r\n',
        '---',
        '...',
        '%',
        '&',
        '*',
        '!',
        '|',
        '>',
        '?',
      ),
      fc.constantFrom(
        'null',
        '~',
        'true',
        'False',
        'yes',
        '0',
        '1',
        '-1',
        '0x1f',
        '0o7',
        '1e3',
        '.5',
        '1.50',
        '.inf',
        '-',
        '+1',
        '012',
        '_',
        '1_000',
      ),
      fc.constantFrom('{', '}', '[', ']', ',', '<<', '__proto__', 'é', '😀', '\u2028', '\u0085', '\ufeff', '\0'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''))

describe('the plain subset of YAML', () => {
  it('is read as the yaml package reads it, or not at all', () => {
    let answers = 0
    fc.assert(
      fc.property(nearYaml, (text) => {
        const plain = parsePlainYaml(text)
        if (plain === undefined) return
        if (plain.size > 0) answers++
        expect(yaml(text)).toEqual(plain)
      }),
      { numRuns: 20_000 },
    )
    expect(answers).toBeGreaterThan(100)
  })

  it('writes every scalar so that both parsers read it back', () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...'0123456789.eE+-xo_:# ~truefalsnil"\'\\\n\r\t\u2028\u0085\u202e') }),
      fc.integer(),
      fc.double(),
      fc.boolean(),
    )
    const key = fc
      .oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('null', 'train/loss', 'a: b', '0', ''))
      .filter((name) => name !== '<<' && name !== '__proto__')
    fc.assert(
      fc.property(key, scalar, fc.array(scalar), (name, value, list) => {
        fc.pre(name !== 'below')
        const expected = new Map<string, YamlValue>([
          [name, value],
          ['below', new Map([['list', list]])],
        ])
        const text = formatPlainYaml(expected)
        expect(parsePlainYaml(text)).toEqual(expected)
        expect(yaml(text)).toEqual(expected)
      }),
      { numRuns: 5000 },
    )
  })

  it('writes numbers so that readers of YAML 1.1 take them for numbers', () => {
    expect([1e-7, 2.5e-8, 1e21, 0.1, 3, -0, Number.NaN, -Infinity].map(formatScalar)).toEqual([
      '1.0e-7',
      '2.5e-8',
      '1.0e+21',
      '0.1',
      '3',
      '-0.0',
      '.nan',
      '-.inf',
    ])
  })

  it('reads nested maps, comments and CRLF', () => {
    const text = '# by hand\r\ncore:\r\n  remote: origin\r\n\r\nremote:\r\n  origin:\r\n    url: s3://bucket/prefix\r\n'
    expect(parsePlainYaml(text)).toEqual(
      new Map<string, YamlValue>([
        ['core', new Map([['remote', 'origin']])],
        ['remote', new Map([['origin', new Map([['url', 's3://bucket/prefix']])]])],
      ]),
    )
  })

  it('escapes what could deceive a reader of a terminal', () => {
    expect(formatScalar('a\u202eb\u001b[2J')).toBe('"a\\u202eb\\u001b[2J"')
  })
})
