import { randomBytes } from 'node:crypto'
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fromSystemError } from '../error.ts'
import { syncFolder, writeWholeSync } from './whole.ts'

export interface AtomicWriteOptions {
  /** Of the new file; by default that of the file it replaces, or what the umask leaves of 0666. */
  mode?: number | undefined
  /** Folder where the new file waits until it is complete, used if it is on the same file system; by default beside the old one. */
  staging?: string | undefined
}

/** Replaces a file so that it has, at any instant and after a power cut, its old or its new content; the call returns when it is durable. */
export function atomicWriteSync(path: string, bytes: string | Uint8Array, options: AtomicWriteOptions = {}): void {
  const folder = dirname(path)
  const temporary = join(stagingFor(folder, options.staging), temporaryName(basename(path)))
  try {
    const mode = options.mode ?? modeOf(path)
    const fd = openSync(temporary, 'wx', mode ?? 0o666)
    try {
      writeWholeSync(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
      if (mode !== undefined && process.platform !== 'win32') fchmodSync(fd, mode)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
    syncFolder(folder)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw fromSystemError(error, path)
  }
}

/** Where a new file waits until it is complete: `staging` if it is on the file system of `folder`. */
export function stagingFor(folder: string, staging: string | undefined): string {
  if (staging === undefined) return folder
  const device = statSync(staging, { throwIfNoEntry: false })?.dev
  return device !== undefined && device === statSync(folder, { throwIfNoEntry: false })?.dev ? staging : folder
}

/** Hidden, no longer than 255 bytes whatever the name is, and never the name of a pointer. */
export function temporaryName(name: string): string {
  const short = Buffer.from(name).subarray(0, 200).toString('utf8').replaceAll('\ufffd', '_')
  return `.${short}.${randomBytes(6).toString('hex')}.tmp`
}

/** Is it a name that `atomicWriteSync` gives to what is not complete yet? */
export function isAtomicTemporary(name: string): boolean {
  return /^\..*\.[0-9a-f]{12}\.tmp$/s.test(name)
}

function modeOf(path: string): number | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? undefined : stats.mode & 0o777
}
