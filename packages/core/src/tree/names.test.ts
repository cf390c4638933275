import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isArtError } from '../error.ts'
import { checkName, compareNames, isDotGit, sortNames } from './names.ts'

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 })

function codeOf(text: string): string {
  try {
    checkName(text)
  } catch (error) {
    if (isArtError(error)) return error.code
    throw error
  }
  return 'none'
}

describe('names', () => {
  it('are sorted by the bytes of their UTF-8', () => {
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const byBytes = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(sortNames(names)).toEqual(byBytes)
        expect(names.toSorted(compareNames)).toEqual(byBytes)
      }),
    )
    expect(sortNames(['\u{1f600}', '\uffee', 'z'])).toEqual(['z', '\uffee', '\u{1f600}'])
  })

  it('may be odd', () => {
    const odd = [
      ' ',
      '-rf',
      'a\nb',
      'naïve',
      'e\u0301',
      '\u{1f600}',
      'a:b',
      'a\\b',
      'CON',
      'x'.repeat(255),
      '.gitignore',
      '.github',
      'a.git',
      'git',
      '...',
    ]
    for (const text of odd) expect([text, codeOf(text)]).toEqual([text, 'none'])
  })

  it('are refused where they are no name, too long, or no UTF-8', () => {
    for (const text of ['', '.', '..', 'a/b', '/', 'a\0']) expect(codeOf(text)).toBe('PATH_UNSAFE')
    expect(codeOf('x'.repeat(256))).toBe('NAME_TOO_LONG')
    expect(codeOf('é'.repeat(128))).toBe('NAME_TOO_LONG')
    expect(codeOf('a\ud800')).toBe('NAME_NOT_UTF8')
    expect(codeOf('\udc00\ud800')).toBe('NAME_NOT_UTF8')
  })

  it('are refused where some system takes them for .git', () => {
    const hooks = [
      '.git',
      '.GIT',
      '.Git',
      'git~1',
      'GIT~1',
      '.git.',
      '.git ',
      '.git. .',
      '.g\u200cit',
      '\ufeff.git',
      '.git\u200f',
      '.git::$INDEX_ALLOCATION',
      '.git\\hooks',
      'a\\.git',
      'GIT~1 .',
    ]
    for (const text of hooks) {
      expect([text, isDotGit(text)]).toEqual([text, true])
      expect(codeOf(text)).toBe('PATH_UNSAFE')
    }
  })
})
