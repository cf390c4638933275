import { ArtError, isArtError } from '@art/core'
import type { Repo } from '../open.ts'
import { forgetBegunTags, noteBegunTags } from './begun-tags.ts'
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
 * failure says what stands, and what to do. Who is killed leaves a note of the tags, as `begunTags` tells.
 */
export async function stand(
  repo: Repo,
  prepared: Prepared,
  files: readonly CommittedFile[],
  { remote, path, what }: Standing,
): Promise<string[]> {
  const names = prepared.tags.map(({ name }) => name)
  noteBegunTags(repo, names)
  try {
    await establish(repo, prepared).catch(explain)
    return await followCommit(repo, files, { base: prepared.before, stands: what, ...(path !== undefined && { path }) })
  } finally {
    forgetBegunTags(repo)
  }

  function explain(cause: unknown): never {
    if (remote === undefined || !isArtError(cause)) throw cause
    throw new ArtError(cause.code, `${what} on ${remote}, but not here: ${cause.message}`, {
      path: path ?? cause.path,
      hint: `Run \`git pull --tags ${remote}\` to have it here too.`,
      cause,
    })
  }
}
