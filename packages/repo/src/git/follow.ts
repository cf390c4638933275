import { ArtError, isArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { shellWord } from '../shell-word.ts'
import { typedPath } from '../target/path.ts'
import type { CommittedFile } from './commit-files.ts'
import { settleFiles } from './settle-files.ts'

/**
 * `settleFiles` behind what was made already: where that fails the error says what stands (`the release stands`), and how to go on. `path` is what it is
 * about, by default that of the failure.
 */
export async function followCommit(
  repo: Repo,
  files: readonly CommittedFile[],
  { base, stands, path }: { base: string; stands: string; path?: string },
): Promise<string[]> {
  try {
    return await settleFiles(repo, files, { base })
  } catch (cause) {
    if (!isArtError(cause)) throw cause
    const paths = files.filter(({ text }) => text !== undefined).map((file) => shellWord(typedPath(repo, file.path)))
    throw new ArtError(cause.code, `${stands}, but the working tree could not follow: ${cause.message}`, {
      path: path ?? cause.path,
      hint: `Run \`git checkout HEAD -- ${paths.join(' ')}\` when that is cleared.`,
      cause,
    })
  }
}
