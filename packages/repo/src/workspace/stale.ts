import { existsSync, lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import type { CheckoutOptions, CheckoutResult } from '../api.ts'
import type { Artifact } from '../target/find.ts'
import { leadsInside } from '../target/path.ts'
import { deleteData } from './delete-data.ts'
import { directoryIndexPath } from './index-path.ts'
import { isUntouchedDirectory, isUntouchedFile } from './untouched.ts'
import type { Session } from './session.ts'

/**
 * Removes data whose pointer went with a change of branch: only what art itself knows, unmodified since, and in the cache. Whatever
 * else is there stays. A tracked directory is left where it is when anything in it differs.
 */
export async function removeStale(
  session: Session,
  artifacts: readonly Artifact[],
  options: CheckoutOptions,
  result: CheckoutResult,
): Promise<void> {
  const { repo, files } = session
  const current = new Set(artifacts.map(({ path }) => path))
  for (const path of files.paths()) {
    if (current.has(path) || existsSync(join(repo.root, pointerPathFor(path)))) continue
    if (lstatSync(join(repo.root, path), { throwIfNoEntry: false }) === undefined) {
      if (!options.dryRun) forget(session, path)
      continue
    }
    if (!leadsInside(repo, path)) continue
    const untouched = files.isDirectory(path)
      ? await isUntouchedDirectory(session, path)
      : isUntouchedFile(session, path)
    if (!untouched) continue
    if (!options.dryRun) {
      await deleteData(repo, { absolutePath: join(repo.root, path), path })
      forget(session, path)
    }
    result.removed.push(path)
  }
}

/** Takes data out of the index, so that no checkout removes it as left over. */
export function forget({ repo, files }: Session, path: string): void {
  if (files.isDirectory(path)) rmSync(directoryIndexPath(repo, path), { force: true })
  files.delete(path)
}
