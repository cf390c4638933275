import { posix } from 'node:path'
import { ArtError } from '@art/core'

export function isGlob(text: string): boolean {
  return /[*?[\]{}]/.test(text)
}

/** `*` and `?` within a name, `**` over folders, `[a-z]`, `{a,b}`; a backslash takes the next character literally. */
export function globToRegExp(pattern: string): RegExp {
  let source = ''
  let choices = 0
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    if (c === '\\' && i + 1 < pattern.length) source += escapeRegExp(pattern[++i]!)
    else if (pattern.startsWith('**/', i) && (i === 0 || pattern[i - 1] === '/')) {
      source += '(?:[^/]+/)*'
      i += 2
    } else if (pattern.startsWith('**', i)) {
      source += '.*'
      i++
    } else if (c === '*') source += '[^/]*'
    else if (c === '?') source += '[^/]'
    else if (c === '[') {
      const end = pattern.indexOf(']', i + 2)
      if (end < 0) throw badGlob(pattern)
      const inner = pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/[\\[]/g, '\\$&')
      source += `[${inner}]`
      i = end
    } else if (c === '{') {
      source += '(?:'
      choices++
    } else if (c === '}' && choices > 0) {
      source += ')'
      choices--
    } else if (c === ',' && choices > 0) source += '|'
    else source += escapeRegExp(c)
  }
  if (choices > 0) throw badGlob(pattern)
  try {
    return new RegExp(`^${source}$`, 'su')
  } catch {
    throw badGlob(pattern)
  }
}

/** Matches paths from the root, of a pattern that was typed in the folder `prefix`. */
export function typedGlob(prefix: string, pattern: string): RegExp {
  return globToRegExp(posix.join(prefix, pattern.replace(/^\.\//, '')))
}

function escapeRegExp(c: string): string {
  return c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function badGlob(pattern: string): ArtError {
  return new ArtError('USAGE', 'the pattern is not complete', { path: pattern, hint: 'Close every [ and {.' })
}
