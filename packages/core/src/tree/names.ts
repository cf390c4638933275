import { ArtError } from '../error.ts'

/** Bytes of a name at most. */
export const NAME_MAX = 255

/** Without the `u` flag: any half of a surrogate pair. With it: a half without its other half. */
const SURROGATE = /[\ud800-\udfff]/
const LONE_SURROGATE = /[\ud800-\udfff]/u

const BEYOND_ASCII = /[^\0-\x7f]/

/** Code points that HFS+ ignores in names. */
const IGNORABLE = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** `.git`, its short name on NTFS, and what NTFS reads as them: dots and spaces behind, a stream after a colon, a part after a backslash. */
const DOT_GIT = /(?:^|\\)(?:\.git|git~1)[. ]*(?:$|[:\\])/i

/** Sorted by the bytes of their UTF-8, a new array. */
export function sortNames(names: readonly string[]): string[] {
  return names.some((name) => SURROGATE.test(name)) ? names.toSorted(compareNames) : names.toSorted()
}

/** The order of the bytes of their UTF-8, which is that of code points: below 0 where `a` comes first. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codePointRank(x) - codePointRank(y)
  }
  return a.length - b.length
}

/** UTF-16 puts surrogates, which stand for the highest code points, below U+E000. */
function codePointRank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/**
 * Refuses what no entry of a tree may be called: nothing, `.`, `..`, with `/` or NUL, more than 255 bytes, not writable as UTF-8, or taken
 * by some system for `.git`, where a stranger's tree could plant a hook. Fails with `PATH_UNSAFE`, `NAME_TOO_LONG` or `NAME_NOT_UTF8`.
 */
export function checkName(name: string): void {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw new ArtError('PATH_UNSAFE', `${JSON.stringify(name)} is no file name`, { path: name })
  }
  if (name.length > NAME_MAX / 3 && Buffer.byteLength(name) > NAME_MAX) {
    throw new ArtError('NAME_TOO_LONG', `name of more than ${NAME_MAX} bytes`, {
      path: name,
      hint: 'Choose a shorter name.',
    })
  }
  if (LONE_SURROGATE.test(name)) {
    throw new ArtError('NAME_NOT_UTF8', 'name is not valid UTF-8', { path: name, hint: 'Rename the file.' })
  }
  if (isDotGit(name)) {
    throw new ArtError('PATH_UNSAFE', `${JSON.stringify(name)} can be taken for git's own folder`, {
      path: name,
      hint: 'Rename it, or list it in .artignore.',
    })
  }
}

/** Would git, or a file system that folds names, take it for `.git`? */
export function isDotGit(name: string): boolean {
  return DOT_GIT.test(name) || (BEYOND_ASCII.test(name) && DOT_GIT.test(name.replaceAll(IGNORABLE, '')))
}
