import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { ArtError, fromSystemError } from '@art/core'
import type { OpenBeside } from '../source.ts'
import { fileSource } from './file.ts'

/**
 * Opens files below `folder` by the names that a model file gives. Such names are a stranger's: a link on the way, absolute paths and
 * `..` fail with `PATH_UNSAFE`, so that no file outside the folder is ever read or its existence told.
 */
export function besideFolder(folder: string): OpenBeside {
  return async (relative) => {
    const names = confinedNames(relative)
    let path = folder
    for (const name of names) {
      path = join(path, name)
      const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
        throw fromSystemError(error, path)
      })
      if (stat === undefined) return undefined
      if (stat.isSymbolicLink()) throw unsafe(relative, 'it is a symbolic link, or lies behind one')
    }
    return fileSource(path, { follow: false })
  }
}

/** The names of a relative path. Fails with `PATH_UNSAFE` for any that could leave its folder on any system. */
export function confinedNames(relative: string): string[] {
  const names = relative.split('/').filter((name, i) => !(name === '.' && i === 0))
  if (relative.includes('\0') || relative.includes('\\'))
    throw unsafe(relative, 'it holds a character that no such path may')
  if (/^[a-z]:/i.test(relative) || relative.startsWith('/')) throw unsafe(relative, 'it is absolute')
  if (names.includes('..')) throw unsafe(relative, 'it leads out of the folder')
  if (names.length === 0 || names.some((name) => name === '' || name === '.'))
    throw unsafe(relative, 'it is no path of a file')
  return names
}

function unsafe(relative: string, what: string): ArtError {
  return new ArtError('PATH_UNSAFE', `the model names a file that is not read: ${what}`, {
    path: relative,
    hint: 'Do not use this model unless you trust who made it: put the files that it names into its folder.',
  })
}
