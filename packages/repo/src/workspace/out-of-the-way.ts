import { lstatSync } from 'node:fs'
import { posix } from 'node:path'
import { isArchived } from '../cleaning/archived.ts'
import type { Repo } from '../open.ts'
import type { Target } from '../target/resolve.ts'

const ARCHIVE = /(?:^|\/)archived(?:\/|$)/

/**
 * Archived artifacts stay away from the workspace unless they are named: by a path or pattern with `archived` in it, or a release. One whose data was brought all the
 * same is like any other.
 */
export function withoutArchived(
  { prefix }: Pick<Repo, 'prefix'>,
  names: readonly string[],
  targets: readonly Target[],
): Target[] {
  if (names.some((name) => ARCHIVE.test(posix.join(prefix, name.replaceAll('\\', '/'))))) return [...targets]
  return targets.filter(
    ({ artifact, release }) =>
      release !== undefined ||
      !isArchived(artifact) ||
      lstatSync(artifact.absolutePath, { throwIfNoEntry: false }) !== undefined,
  )
}
