import { constants, fstatSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { ArtError, fromSystemError } from '@art/core'
import { changedWhileRead } from '@art/core/fs/refusal.ts'
import type { Source } from '../source.ts'
import { AHEAD_MAX, readAhead } from './ahead.ts'
import { checkRead } from './range.ts'

/** A FIFO without a writer must not make us wait. */
const FOLLOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
const NO_FOLLOW = FOLLOW | (constants.O_NOFOLLOW ?? 0)

/**
 * A file on this machine. Fails with `NOT_FOUND`, `PERMISSION`, `UNSUPPORTED` for what is no file, `SYMLINK` for a link where
 * `follow: false`. A read fails with `CHANGED_WHILE_READ` once anything was written to the file since it was opened.
 */
export async function fileSource(path: string, { follow = true }: { follow?: boolean } = {}): Promise<Source> {
  const handle = await open(path, follow ? FOLLOW : NO_FOLLOW).catch((error: unknown) => {
    throw fromSystemError(error, path)
  })
  const opened = fstatSync(handle.fd)
  if (!opened.isFile()) {
    await handle.close()
    throw new ArtError('UNSUPPORTED', 'not a file', { path, hint: 'Name a file.' })
  }
  const readDirectly = (offset: number, length: number) => readExactly(handle, path, opened, offset, length)
  const ahead = readAhead(opened.size, readDirectly)
  return {
    name: path,
    size: opened.size,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted()
      checkRead(path, opened.size, offset, length)
      // A large payload passes through: keeping it would hold on to as much memory as its reader asked for at once.
      return length > AHEAD_MAX ? readDirectly(offset, length) : ahead.read(offset, length, options)
    },
    close: () => handle.close(),
  }
}

/** A promise takes ten times as long as so short a read, and a checkpoint of gigabytes is looked at by a thousand of them. */
const SYNCHRONOUS_MAX = 16 << 10

/** Into memory of its own, so that what an earlier read returned stays as it was. */
async function readExactly(
  handle: FileHandle,
  path: string,
  opened: Stats,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length)
  let done = 0
  try {
    while (done < length) {
      const bytesRead =
        length <= SYNCHRONOUS_MAX
          ? readSync(handle.fd, bytes, done, length - done, offset + done)
          : (await handle.read(bytes, done, length - done, offset + done)).bytesRead
      if (bytesRead === 0) break
      done += bytesRead
    }
    if (done < length || !isUnwritten(opened, fstatSync(handle.fd))) throw changedWhileRead(path)
  } catch (error) {
    throw fromSystemError(error, path)
  }
  return bytes
}

/** Links to a cached object come and go while it is read: its change time says nothing about its bytes. */
function isUnwritten(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs
}
