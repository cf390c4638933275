import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { ArtError } from '../error.ts'
import { changedWhileRead } from '../cache/large.ts'
import { readWholeSync } from '../fs/whole.ts'
import { isSame } from '../fs/same.ts'

const NO_FOLLOW = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * Opens a file and reads it whole into what `room` gives for its size. `room` may answer undefined: then nothing is read.
 * Fails with `CHANGED_WHILE_READ` where the stat before and after differ.
 */
export function readSmallFile(
  path: string,
  follow: boolean,
  room: (size: number) => Buffer | undefined,
): { stat: Stats; bytes: Buffer | undefined } {
  const fd = openSync(path, follow ? constants.O_RDONLY : NO_FOLLOW)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw notAFile(path)
    const target = room(stat.size)
    if (target === undefined) return { stat, bytes: undefined }
    const got = readWholeSync(fd, target, 0)
    if (got !== stat.size || !isSame(stat, fstatSync(fd))) throw changedWhileRead(path)
    return { stat, bytes: target }
  } finally {
    closeSync(fd)
  }
}

export function notAFile(path: string): ArtError {
  return new ArtError('UNSUPPORTED', 'neither a file, a folder nor a symbolic link', {
    path,
    hint: 'Remove it, or name it in .artignore.',
  })
}
