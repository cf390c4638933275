import { ArtError } from '../error.ts'

export const POINTER_SUFFIX = '.art'

/** What every file system in use allows for one name. */
const MAX_NAME_BYTES = 255

/** Characters that HFS+ leaves out when it compares names. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g
const GIT_FOLDER = /^(?:\.git|git~\d+)[. ]*(?::.*)?$/is
const ART_FOLDER = /^\.art[. ]*(?::.*)?$/is

/** Why a name from a pointer must not be used as one segment of a path, or undefined where it may. */
export function unsafeName(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.includes('\0')) return 'it holds a NUL character'
  if (/[/\\]/.test(name)) return 'it holds a path separator'
  if (name === '.' || name === '..') return 'it leads to another folder'
  if (/^[A-Za-z]:/.test(name)) return 'it starts with a drive letter'
  const visible = name.replace(IGNORED_BY_HFS, '')
  // Most names begin like neither, and to look at those costs nothing.
  if (/^[.gG]/.test(visible)) {
    if (GIT_FOLDER.test(visible)) return "it stands for git's own folder"
    if (ART_FOLDER.test(visible)) return "it stands for art's own folder"
  }
  if (name.endsWith(POINTER_SUFFIX)) return 'it ends like a pointer'
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return 'it is longer than 255 bytes'
  return undefined
}

export function isPointerPath(path: string): boolean {
  return path.endsWith(POINTER_SUFFIX) && !/(?:^|[/\\])\.art$/.test(path)
}

/** The path of the data that a pointer stands for. */
export function dataPathFor(pointerPath: string): string {
  return pointerPath.slice(0, -POINTER_SUFFIX.length)
}

/**
 * The path of the pointer of some data, `models/a.pth` → `models/a.pth.art`. Fails with `NAME_TOO_LONG` where no file system
 * could hold it, with `PATH_UNSAFE` where the name could not be written into a pointer.
 */
export function pointerPathFor(dataPath: string): string {
  const name = dataPath.slice(
    Math.max(dataPath.lastIndexOf('/'), process.platform === 'win32' ? dataPath.lastIndexOf('\\') : -1) + 1,
  )
  const bytes = Buffer.byteLength(name + POINTER_SUFFIX)
  if (bytes > MAX_NAME_BYTES) {
    throw new ArtError(
      'NAME_TOO_LONG',
      `its pointer's name would take ${bytes} bytes, and a name can have ${MAX_NAME_BYTES}`,
      {
        path: dataPath,
        hint: `Shorten the name to ${MAX_NAME_BYTES - POINTER_SUFFIX.length} bytes, or put the file into a directory and add that.`,
      },
    )
  }
  const why = unsafeName(name)
  if (why !== undefined) {
    throw new ArtError('PATH_UNSAFE', `this name cannot be tracked: ${why}`, {
      path: dataPath,
      hint: 'Choose another name.',
    })
  }
  return dataPath + POINTER_SUFFIX
}
