import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ArtError } from '@art/core'

/** Fails with `PATH_UNSAFE` where something is a link: what is written or read there would be what somebody else has chosen. */
export function refuseLink(path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return
  throw new ArtError('PATH_UNSAFE', 'a symbolic link stands where art keeps files of its own', {
    path,
    hint: 'Look where it leads, and remove it.',
  })
}

export function refuseLinksAmong(folder: string): void {
  for (const name of namesIn(folder)) refuseLink(join(folder, name))
}

/** None where the folder is not there, or cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
