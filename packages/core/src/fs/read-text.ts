import { isUtf8 } from 'node:buffer'
import { lstatSync, statSync } from 'node:fs'
import { ArtError } from '../error.ts'
import { type PlainFile, readPlainFile } from './plain-file.ts'

const MAX_BYTES = 1 << 20

/**
 * A small text file that people write; undefined where there is none. Fails as `readText`, with `CONFIG_INVALID` where it is no regular
 * file, or one of more than 1 MiB: compressed in git it could fill the memory.
 */
export function readSmallText(path: string, { follow = false } = {}): string | undefined {
  // Most of the files that are looked for are not there, and an error takes longer to make than the file to look for.
  const stat = (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  const hint = 'Restore it from git, or shorten it.'
  return readText(path, { max: MAX_BYTES, code: 'CONFIG_INVALID', hint, follow })
}

/**
 * A text that may be written again, with changes: bytes of another encoding would not survive that. Fails as `readPlainFile`, and with
 * `CONFIG_INVALID` for what is not UTF-8.
 */
export function readText(path: string, file: PlainFile): string {
  const bytes = readPlainFile(path, file)
  if (isUtf8(bytes)) return bytes.toString('utf8')
  throw new ArtError('CONFIG_INVALID', 'the file is no text in UTF-8', {
    path: file.path ?? path,
    hint: 'Convert it, as with `iconv -f latin1 -t utf-8`, or restore it from git.',
  })
}
