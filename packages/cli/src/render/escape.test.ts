import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeText, quoteForShell } from './escape.ts'

describe('names on a terminal', () => {
  it.each([
    ['plain name.pth', 'plain name.pth'],
    ['日本語 🎉 é', '日本語 🎉 é'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
    ['\u001b[31mred\u001b]0;title\u0007', '\\e[31mred\\e]0;title\\x07'],
    ['c1 \u009b31m', 'c1 \\x9b31m'],
    ['del \u007f', 'del \\x7f'],
    ['txt.\u202egpj', 'txt.\\u{202e}gpj'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['half \ud83c', 'half \\u{d83c}'],
  ])('%j', (name, shown) => expect(escapeText(name)).toBe(shown))

  it('never hold a control character', () => {
    const shows = (text: string) => /\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u.test(escapeText(text))
    expect(fc.check(fc.property(fc.string({ unit: 'binary' }), (text) => !shows(text))).failed).toBe(false)
  })
})

it('what is quoted for the shell comes out of bash as it went in', () => {
  const names = [
    "it's",
    'a b',
    '-dash',
    '$HOME `x` "y"',
    'line\nbreak',
    'esc\u001b[0m',
    '日本 🎉',
    'back\\slash\n',
    '*',
    '~',
    '',
  ]
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))), (more) => {
      const all = [...names, ...more]
      const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${all.map(quoteForShell).join(' ')}`], {
        encoding: 'utf8',
      })
      expect(stdout.split('\0').slice(0, -1)).toEqual(all)
    }),
    { numRuns: 10 },
  )
})
