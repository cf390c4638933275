import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ArtError, type CallOptions } from '@art/core'
import { atomicWriteSync } from '@art/core/fs/atomic-write.ts'
import { listed } from '@art/core/listed.ts'
import { type MadeFile, makeFiles } from '@art/registry/files/make-files.ts'
import { releaseName } from '@art/registry/files/place.ts'
import { releasesOf } from '@art/registry/tag/ledger.ts'
import { followCommit } from '../git/follow.ts'
import { headCommit } from '../git/history.ts'
import type { CommittedFile } from '../git/commit-files.ts'
import { currentBranch, publish } from '../git/publish.ts'
import { assertIdle } from '../git/state.ts'
import { catchUp } from '../git/unfinished.ts'
import type { Repo } from '../open.ts'
import { filesOfCommit, filesOfWorkspace } from '../registry/current-files.ts'
import { requireTags } from '../registry/known-tags.ts'
import { openRegistry } from '../registry/open.ts'
import { describeReleases } from '../registry/records.ts'
import { filesToCommit, refuseEdited, refuseUnreadable, warnOfStatus } from '../registry/regenerate.ts'
import { tableFacts } from '../registry/table-facts.ts'
import type { Disagreement, ModelsFixOptions, ModelsFixResult } from '../registry-api.ts'
import { withLock } from '../workspace/lock.ts'

const SHOWN = 8

/**
 * Makes the files say what the tags do, and commits them. Fails with `GIT` where tags may be missing or git is busy, `LOCKED`, `USAGE` on a detached HEAD, `WOULD_OVERWRITE`
 * where a file has changes that are not committed, `PATH_UNSAFE` for a link in place of one, `CONFIG_INVALID` for one that cannot be read.
 */
export async function fixModels(
  repo: Repo,
  { commit = true, ...options }: ModelsFixOptions = {},
): Promise<ModelsFixResult> {
  return await withLock(repo, async () => {
    const registry = await openRegistry(repo)
    await catchUp(repo)
    const base = await headCommit(repo)
    if (base === undefined) throw new ArtError('GIT', 'there is no commit yet', { hint: 'Commit something first.' })
    const current = commit ? await filesOfCommit(repo, base, options.signal) : await filesOfWorkspace(repo)
    await requireTags(repo, registry, current)
    if (commit) await currentBranch(repo)
    const { records, undescribed } = await describeReleases(repo, registry, options)
    const names = new Set(
      [...registry.ledger.values()].flatMap((ledger) =>
        releasesOf(ledger).map(({ model, version }) => releaseName(model, version)),
      ),
    )
    const isGone = (model: string, version: string): boolean => !names.has(releaseName(model, version))
    const made = await makeFiles(records, current, isGone, (record) => tableFacts(repo, record))
    const result = {
      files: made.map(({ path, text }) => ({
        path,
        state: text === undefined ? ('removed' as const) : ('written' as const),
      })),
      disagreements: made.flatMap(({ path, problems }) =>
        problems.map(
          ({ message, release }): Disagreement => ({ path, message, ...(release !== undefined && { release }) }),
        ),
      ),
      undescribed: undescribed.map(({ tag }) => tag),
    }
    warnOfGone(made, options)
    if (!commit) {
      refuseUnreadable(made)
      writeFiles(repo, made)
      warnOfStatus(made, options)
      return result
    }
    await refuseEdited(repo, current, made)
    assertIdle(repo)
    const files = filesToCommit(repo, current, made)
    if (files.length === 0) return result
    warnOfStatus(made, options)
    const published = await publish(repo, { files, message: 'Registry files as the tags say', tags: [] })
    await followCommit(repo, files, { base: published.before, stands: 'the commit stands' })
    return { ...result, commit: published.commit! }
  })
}

/** A colleague's release whose tag was never pushed is gone from the files, too. */
function warnOfGone(made: readonly MadeFile[], { onEvent }: CallOptions): void {
  const gone = made.flatMap(({ problems }) =>
    problems.flatMap(({ kind, release }) => (kind === 'gone' ? (release ?? []) : [])),
  )
  const names = [...new Set(gone)]
  if (names.length === 0) return
  const message = `of ${listed(names, SHOWN)} there is no tag here, so the files no longer tell of it; if somebody else released it, have its tag pushed and run this again`
  onEvent?.({ type: 'warning', message })
}

/** Links were refused when the files were read. */
function writeFiles(repo: Repo, files: readonly CommittedFile[]): void {
  for (const { path, text } of files) {
    const absolute = join(repo.root, path)
    if (text === undefined) rmSync(absolute, { force: true })
    else {
      mkdirSync(dirname(absolute), { recursive: true })
      atomicWriteSync(absolute, text)
    }
  }
}
