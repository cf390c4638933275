import { lstatSync, statSync } from 'node:fs'
import { readPlainFile } from './plain-file.ts'

const MAX_BYTES = 1 << 20

/**
 * A small text file that people write; undefined where there is none. Fails as `readPlainFile`, with `CONFIG_INVALID` where it is no regular
 * file, or one of more than 1 MiB: compressed in git it could fill the memory.
 */
export function readSmallText(path: string, { follow = false } = {}): string | undefined {
  // Most of the files that are looked for are not there, and an error takes longer to make than the file to look for.
  const stat = (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  const hint = 'Restore it from git, or shorten it.'
  return readPlainFile(path, { max: MAX_BYTES, code: 'CONFIG_INVALID', hint, follow }).toString('utf8')
}
