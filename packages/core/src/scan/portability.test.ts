import { expect, it } from 'vitest'
import { portabilityWarnings } from './portability.ts'

function warned(names: string[], path = ''): string[] {
  return [...portabilityWarnings([{ path, names }])].map((warning) => warning.path)
}

it('names that Windows cannot have are told, by their path', () => {
  const bad = ['a:b', 'a?', 'con', 'NUL.txt', 'com1', 'LPT9.log', 'end.', 'end ', 'tab\t', 'a\\b', '<', '|', '*', '"']
  expect(warned(bad)).toEqual(bad)
  expect(warned(['a:b'], 'sub')).toEqual(['sub/a:b'])
  const good = ['console', 'com', 'com10', 'a.con', 'nul1', '.gitignore', 'a b', 'ü', '\u{1f600}', 'lpt']
  expect(warned(good)).toEqual([])
})

it('names that are one on some systems are told', () => {
  expect(warned(['README', 'Readme', 'readme'])).toEqual(['Readme', 'readme'])
  expect(warned(['e\u0301', '\u00e9'])).toEqual(['\u00e9'])
  expect(warned(['a', 'b'])).toEqual([])
})
