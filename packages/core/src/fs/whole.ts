import { closeSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fromSystemError } from '../error.ts'

/** Writes all bytes: `writeSync` may write short just before a disk is full, without an error. */
export function writeWholeSync(fd: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position === null ? null : position + done)
  }
}

/** Fills `target` from `position`; returns how many bytes there were, fewer only at the end of the file. */
export function readWholeSync(fd: number, target: Uint8Array, position: number): number {
  let done = 0
  while (done < target.length) {
    const got = readSync(fd, target, done, target.length - done, position + done)
    if (got === 0) break
    done += got
  }
  return done
}

/** Makes renames inside a folder durable. Where folders cannot be synced (Windows), the system does it by itself. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Makes a folder and those above it that are lacking, durably. */
export function makeFolder(path: string): void {
  try {
    const first = mkdirSync(path, { recursive: true })
    if (first === undefined) return
    const top = dirname(resolve(first))
    for (let made = resolve(path); made !== top; made = dirname(made)) syncFolder(dirname(made))
  } catch (error) {
    throw fromSystemError(error, path)
  }
}
