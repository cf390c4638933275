import { lstatSync, rmSync } from 'node:fs'
import { ArtError, type CallOptions } from '@art/core'
import type { RemoveOptions, RemoveResult } from '../api.ts'
import { stageForUser } from '../git/staging.ts'
import { removeIgnored } from '../ignore/gitignore.ts'
import type { Repo } from '../open.ts'
import { type Artifact, failureOf } from '../target/find.ts'
import { resolveTargets } from '../target/resolve.ts'

/** What the verb asks of the cache. */
export interface RemoveActions {
  /** Is every byte that lies in the workspace for this artifact in the cache? */
  isCached(artifact: Artifact, options: CallOptions): Promise<boolean>
  /** Deletes the data; by default with all that a directory holds. */
  deleteData?(artifact: Artifact): Promise<void>
}

/**
 * Stops tracking: deletes pointers and ignore lines. The data stays, unless `outs` is set; content that the cache does not hold is
 * then kept and named, unless `force` is set too.
 */
export async function remove(
  repo: Repo,
  names: readonly string[],
  actions: RemoveActions,
  options: RemoveOptions & CallOptions = {},
): Promise<RemoveResult> {
  if (names.length === 0) throw new ArtError('USAGE', 'nothing was named', { hint: 'Name what art shall forget.' })
  const { targets, failed } = await resolveTargets(repo, names)
  const removed: RemoveResult['removed'] = []
  const changed: string[] = []
  for (const { artifact, inside } of targets) {
    options.signal?.throwIfAborted()
    try {
      if (inside !== undefined) throw partOfDirectory(artifact, inside)
      const present = lstatSync(artifact.absolutePath, { throwIfNoEntry: false }) !== undefined
      const dataDeleted = options.outs === true && present
      if (dataDeleted && !options.force && !(await actions.isCached(artifact, options))) throw notCached(artifact)
      if (!options.dryRun) {
        if (dataDeleted) await (actions.deleteData ?? deleteAll)(artifact)
        // Before the pointer, so that a run that was cut short can be repeated.
        const ignore = removeIgnored(repo, artifact.path)
        if (ignore !== undefined) changed.push(ignore)
        rmSync(artifact.absolutePointer)
        changed.push(artifact.pointerPath)
      }
      removed.push({ path: artifact.path, pointer: artifact.pointerPath, dataDeleted })
    } catch (error) {
      failed.push(failureOf(error, artifact.path))
    }
  }
  return { removed, failed, ...(await stageForUser(repo, changed)) }
}

async function deleteAll(artifact: Artifact): Promise<void> {
  rmSync(artifact.absolutePath, { recursive: true, force: true })
}

function partOfDirectory(artifact: Artifact, inside: string): ArtError {
  return new ArtError('USAGE', `it is part of the tracked directory ${artifact.path}`, {
    path: `${artifact.path}/${inside}`,
    hint: `Delete it, then run \`art add ${artifact.path}\`.`,
  })
}

function notCached(artifact: Artifact): ArtError {
  return new ArtError('NOT_CACHED', 'the cache does not hold what is in the workspace', {
    path: artifact.path,
    hint: `Run \`art add ${artifact.path}\` first, or use --force to lose it.`,
  })
}
