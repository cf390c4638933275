import { ArtError, isArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { noteMaking } from '../workspace/lock.ts'
import { followCommit } from './follow.ts'
import type { CommittedFile } from './commit-files.ts'
import { establish, type Prepared } from './publish.ts'

/** How errors tell what stands. */
export interface Standing {
  /** Has all of it already. */
  remote: string | undefined
  path?: string
  /** `the release stands` */
  what: string
}

/**
 * Lets what is prepared stand here, and brings the working tree along: returns files that were left as somebody had changed them. From here on a
 * failure says what stands, and what to do.
 */
export async function stand(
  repo: Repo,
  prepared: Prepared,
  files: readonly CommittedFile[],
  { remote, path, what }: Standing,
): Promise<string[]> {
  noteMaking(
    repo,
    prepared.tags.map(({ name }) => name),
  )
  try {
    await establish(repo, prepared)
  } catch (cause) {
    if (remote === undefined || !isArtError(cause)) throw cause
    throw new ArtError(cause.code, `${what} on ${remote}, but not here: ${cause.message}`, {
      path: path ?? cause.path,
      hint: `Run \`git pull --tags ${remote}\` to have it here too.`,
      cause,
    })
  }
  return await followCommit(repo, files, { base: prepared.before, stands: what, ...(path !== undefined && { path }) })
}
