import { readlinkSync } from 'node:fs'
import { ArtError } from '../error.ts'

/** The target's text of a symlink that stays inside its tree; throws `SYMLINK` for one that leaves it, and `NAME_NOT_UTF8`. */
export function readInnerLink(path: string, folder: string): string {
  const raw = readlinkSync(path, { encoding: 'buffer' })
  const target = raw.toString()
  if (target.includes('\ufffd') && !Buffer.from(target).equals(raw)) {
    throw new ArtError('NAME_NOT_UTF8', 'the target of the symbolic link is not valid UTF-8', {
      path,
      hint: 'Change the link, or name it in .artignore.',
    })
  }
  if (!staysInside(folder, target)) {
    throw new ArtError('SYMLINK', 'the symbolic link leaves the directory', {
      path,
      hint: 'Use --dereference to store what it points to, or name it in .artignore.',
    })
  }
  return target
}

/**
 * `folder` is where the link lies, relative to its tree, `/`-separated. `..` may only lead: the folders above the link are real ones, while a
 * name behind which it went up again could be a link to somewhere higher.
 */
export function staysInside(folder: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\\') || /^[a-zA-Z]:/.test(target)) return false
  const names = target.split('/').filter((name) => name !== '' && name !== '.')
  const up = names.lastIndexOf('..') + 1
  const depth = folder === '' ? 0 : folder.split('/').length
  return up <= depth && names.slice(0, up).every((name) => name === '..')
}
