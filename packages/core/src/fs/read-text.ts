import { readFileSync, statSync } from 'node:fs'
import { ArtError } from '../error.ts'

const MAX_BYTES = 1 << 20

/**
 * A small text file that people write; undefined where there is none. One of more than 1 MiB is refused unread: compressed in git it
 * could fill the memory.
 */
export function readSmallText(path: string): string | undefined {
  // Most of the files that are looked for are not there, and an error takes longer to make than the file to look for.
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (stat.size <= MAX_BYTES) return readFileSync(path, 'utf8')
  throw new ArtError('CONFIG_INVALID', 'the file is larger than 1 MiB', {
    path,
    hint: 'Restore it from git, or shorten it.',
  })
}
