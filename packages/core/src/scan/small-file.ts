import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { changedWhileRead, notAFile } from '../fs/refusal.ts'
import { isSame } from '../fs/same.ts'
import { readWholeSync } from '../fs/whole.ts'

/** A FIFO without a writer must not make us wait. */
const FOLLOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
const NO_FOLLOW = FOLLOW | (constants.O_NOFOLLOW ?? 0)

export interface SmallFile {
  stat: Stats
  bytes: Buffer | undefined
}

/**
 * Opens a file and reads it whole into what `room` gives for its size. `room` may answer undefined: then nothing is read.
 * Fails with `CHANGED_WHILE_READ` where the stat before and after differ, and with `UNSUPPORTED` for what is no file.
 */
export function readSmallFile(path: string, follow: boolean, room: (size: number) => Buffer | undefined): SmallFile {
  const fd = openSync(path, follow ? FOLLOW : NO_FOLLOW)
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
