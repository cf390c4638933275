import { readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { ArtError } from '../error.ts'

/** The target's text of a symlink that stays inside its tree; throws `SYMLINK` for one that leaves it. */
export function readInnerLink(path: string, folder: string): string {
  const target = readlinkSync(path)
  if (!staysInside(folder, target)) {
    throw new ArtError('SYMLINK', 'the symbolic link leaves the directory', {
      path,
      hint: 'Use --dereference to store what it points to, or name it in .artignore.',
    })
  }
  return target
}

/** `folder` is where the link lies, relative to its tree, `/`-separated. */
export function staysInside(folder: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\\') || /^[a-zA-Z]:/.test(target)) return false
  const reached = posix.normalize(posix.join(folder === '' ? '.' : folder, target))
  return reached !== '..' && !reached.startsWith('../')
}
