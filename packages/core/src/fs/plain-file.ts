import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs'
import { ArtError, type ArtErrorCode } from '../error.ts'
import { readWholeSync } from './whole.ts'

/** A FIFO without a writer must not make us wait. Windows has neither flag. */
const FOLLOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
const NO_FOLLOW = FOLLOW | (constants.O_NOFOLLOW ?? 0)

export interface PlainFile {
  /** Bytes; a larger file is refused, whatever size it says it has. */
  max: number
  /** For messages: `the pointer`. */
  what?: string
  /** Of the error for what is no regular file, or too large. */
  code?: ArtErrorCode
  hint?: string
  /** For errors, in place of the path that is opened. */
  path?: string
  /** Where it is a feature that the file may be a link, as the user's own configuration. */
  follow?: boolean
}

/**
 * The one way to read a small file that may be somebody else's, such as one that was committed: only a regular file, not through a link
 * unless told so, and never more than `max` bytes. Fails with `PATH_UNSAFE` for a link, with `code` for a device, a pipe, a folder or a larger
 * file, and as the system does where there is none.
 */
export function readPlainFile(path: string, file: PlainFile): Buffer {
  const { fd, stat } = openPlainFile(path, file)
  try {
    const bytes = stat.size > file.max ? undefined : readUpTo(fd, stat.size, file.max)
    if (bytes !== undefined) return bytes
    throw refused(path, file, `is larger than ${inWords(file.max)}`)
  } finally {
    closeSync(fd)
  }
}

/** Opens a regular file, for whoever reads it in another way. Fails as `readPlainFile`. */
export function openPlainFile(path: string, file: Omit<PlainFile, 'max'>): { fd: number; stat: Stats } {
  const fd = open(path, file)
  try {
    const stat = fstatSync(fd)
    if (stat.isFile()) return { fd, stat }
    throw refused(path, file, 'is no regular file')
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function open(path: string, file: Omit<PlainFile, 'max'>): number {
  try {
    if (!file.follow && constants.O_NOFOLLOW === undefined && lstatSync(path).isSymbolicLink()) throw isLink(path, file)
    return openSync(path, file.follow ? FOLLOW : NO_FOLLOW)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ELOOP' && !file.follow) throw isLink(path, file)
    // A socket.
    if (code === 'ENXIO') throw refused(path, file, 'is no regular file')
    throw error
  }
}

/** Undefined where there is more than `max`: a file may grow meanwhile, and those of /proc say that they have no bytes. */
function readUpTo(fd: number, size: number, max: number): Buffer | undefined {
  let room = Buffer.allocUnsafe(size + 1)
  for (let length = 0; ; ) {
    length += readWholeSync(fd, room.subarray(length), length)
    if (length < room.length) return room.subarray(0, length)
    if (length > max) return undefined
    room = Buffer.concat([room], Math.min(Math.max(2 * length, 4096), max + 1))
  }
}

function isLink(path: string, { what = 'the file', path: name = path }: Omit<PlainFile, 'max'>): ArtError {
  return new ArtError('PATH_UNSAFE', `${what} is a symbolic link`, {
    path: name,
    hint: `Look where it leads, and put ${what} itself there.`,
  })
}

function refused(path: string, file: Omit<PlainFile, 'max'>, why: string): ArtError {
  const { what = 'the file', code = 'UNSUPPORTED', hint = 'Look at it, and remove it.', path: name = path } = file
  return new ArtError(code, `${what} ${why}`, { path: name, hint })
}

function inWords(bytes: number): string {
  return bytes >= 1 << 20 ? `${Math.floor(bytes / (1 << 20))} MiB` : `${bytes} bytes`
}
