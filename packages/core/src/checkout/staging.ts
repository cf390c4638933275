import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { randomName } from '../cache/layout.ts'

/** Where what is not complete yet can wait to be renamed into `folder`: in `temporary`, unless that is on another file system. */
export function stagingFolder(folder: string, temporary: string): string {
  mkdirSync(temporary, { recursive: true })
  return statSync(folder).dev === statSync(temporary).dev ? temporary : folder
}

export function stagingPath(staging: string): string {
  return join(staging, `.${randomName()}.art-tmp`)
}

/** Is it a name that `stagingPath` gives? */
export function isStagingName(name: string): boolean {
  return /^\.[0-9a-f]{32}\.art-tmp$/.test(name)
}
