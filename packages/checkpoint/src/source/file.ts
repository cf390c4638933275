import { constants, fstatSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { ArtError, fromSystemError } from '@art/core'
import { changedWhileRead } from '@art/core/fs/refusal.ts'
import type { Source } from '../source.ts'
import { checkRead } from './range.ts'

/** A FIFO without a writer must not make us wait. */
const FOLLOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
const NO_FOLLOW = FOLLOW | (constants.O_NOFOLLOW ?? 0)

/**
 * After a jump this much is read ahead, and twice as much each time that reading goes on where the window ends: a walk through a header
 * costs few calls, and a thousand members spread over gigabytes cost little more than their headers.
 */
const WINDOW_MIN = 512
const WINDOW_MAX = 256 << 10

interface Window {
  readonly offset: number
  readonly bytes: Uint8Array
}

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
  let window: Window = { offset: 0, bytes: new Uint8Array(0) }
  return {
    name: path,
    size: opened.size,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted()
      checkRead(path, opened.size, offset, length)
      const at = offset - window.offset
      if (at >= 0 && at + length <= window.bytes.length) return window.bytes.subarray(at, at + length)
      const ahead = Math.min(Math.max(length, windowAfter(window, offset)), opened.size - offset)
      const bytes = await readExactly(handle, path, opened, offset, ahead)
      // A large payload passes through: keeping it would hold on to as much memory as its reader asked for at once.
      if (length <= WINDOW_MAX) window = { offset, bytes }
      return bytes.subarray(0, length)
    },
    close: () => handle.close(),
  }
}

/** How much to read at `offset`, given what was read before. */
function windowAfter(window: Window, offset: number): number {
  const goesOn = offset >= window.offset && offset <= window.offset + window.bytes.length
  return goesOn ? Math.min(Math.max(window.bytes.length * 2, WINDOW_MIN), WINDOW_MAX) : WINDOW_MIN
}

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
      const { bytesRead } = await handle.read(bytes, done, length - done, offset + done)
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
