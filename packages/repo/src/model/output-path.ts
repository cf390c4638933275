import { lstatSync, statSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { renamedModel } from './save-weights.ts'

/** Where an export goes: beside the data, of a revision's too; a folder that is there takes the file under its usual name. */
export function outputPath(cwd: string, source: string, output: string | undefined, ending: string): string {
  const colon = isThere(cwd, source) ? -1 : source.indexOf(':')
  const usual = renamedModel(source.slice(colon + 1), ending)
  if (output === undefined) return usual
  const isFolder = statSync(resolve(cwd, output), { throwIfNoEntry: false })?.isDirectory() === true
  return isFolder ? join(output, posix.basename(usual)) : output
}

function isThere(cwd: string, path: string): boolean {
  return lstatSync(resolve(cwd, path), { throwIfNoEntry: false }) !== undefined
}
