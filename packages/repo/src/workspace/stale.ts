import { existsSync, lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@art/core'
import { LARGE_FILE } from '@art/core/cache/layout.ts'
import { flag } from '@art/core/index/record.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import type { CheckoutOptions, CheckoutResult } from '../api.ts'
import type { Artifact } from '../target/find.ts'
import { directoryIndexPath } from './index-path.ts'
import type { Session } from './session.ts'

/**
 * Removes data whose pointer went with a change of branch: only what art itself knows, unmodified since, and in the cache. Whatever
 * else is there stays. A tracked directory is left where it is when anything in it differs.
 */
export function removeStale(
  session: Session,
  artifacts: readonly Artifact[],
  options: CheckoutOptions,
  result: CheckoutResult,
): void {
  const { repo, files, cache } = session
  const current = new Set(artifacts.map(({ path }) => path))
  for (const path of files.paths()) {
    if (current.has(path) || existsSync(join(repo.root, pointerPathFor(path)))) continue
    const absolute = join(repo.root, path)
    const stat = lstatSync(absolute, { throwIfNoEntry: false })
    if (stat === undefined) {
      if (!options.dryRun) forget(session, path)
      continue
    }
    const known = files.get(path)!
    const { records, i } = known
    const clean =
      !files.isDirectory(path) &&
      stat.isFile() &&
      (records.flags(i) & (flag.stat | flag.racy)) === flag.stat &&
      records.sameStat(i, stat) &&
      (stat.size < LARGE_FILE ? cache.packs.has(records.oid(i)) : cache.largeSize(toHex(records.oid(i))) === stat.size)
    if (!clean) continue
    if (!options.dryRun) {
      rmSync(absolute)
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
