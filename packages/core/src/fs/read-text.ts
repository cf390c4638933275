import { readFileSync, statSync } from 'node:fs'
import { ArtError } from '../error.ts'

const MAX_BYTES = 1 << 20

/** A small text file that people write. One of more than 1 MiB is refused unread: compressed in git it could fill the memory. */
export function readSmallText(path: string): string {
  if (statSync(path).size <= MAX_BYTES) return readFileSync(path, 'utf8')
  throw new ArtError('CONFIG_INVALID', 'the file is larger than 1 MiB', {
    path,
    hint: 'Restore it from git, or shorten it.',
  })
}
