import { lstatSync, rmSync } from 'node:fs'
import { ArtError, type CallOptions } from '@art/core'
import type { RemoveOptions, RemoveResult } from '../api.ts'
import { stageForUser } from '../git/staging.ts'
import { removeIgnored } from '../ignore/gitignore.ts'
import type { Repo } from '../open.ts'
import { type Artifact, failureOf } from '../target/find.ts'
import { typedPath } from '../target/path.ts'
import { resolveTargets, type Target } from '../target/resolve.ts'
import { deleteData } from '../workspace/delete-data.ts'
import { isKept } from '../workspace/is-kept.ts'
import { withLock } from '../workspace/lock.ts'
import { type Session, withSession } from '../workspace/session.ts'
import { forget } from '../workspace/stale.ts'

/**
 * Stops tracking: deletes pointers and ignore lines. The data stays, unless `outs` is set; content that the cache does not hold is
 * then kept and named, unless `force` is set too.
 */
export async function remove(
  repo: Repo,
  names: readonly string[],
  options: RemoveOptions & CallOptions = {},
): Promise<RemoveResult> {
  if (names.length === 0) throw new ArtError('USAGE', 'nothing was named', { hint: 'Name what art shall forget.' })
  return await withLock(repo, () =>
    withSession(repo, options, async (session) => {
      const { targets, failed } = await resolveTargets(repo, names)
      const removed: RemoveResult['removed'] = []
      const changed: string[] = []
      for (const target of targets) {
        options.signal?.throwIfAborted()
        try {
          removed.push(await removeOne(session, target, options, changed))
        } catch (error) {
          failed.push(failureOf(error, target.artifact.path))
        }
      }
      session.files.save()
      return { removed, failed, ...(await stageForUser(repo, changed)) }
    }),
  )
}

async function removeOne(
  session: Session,
  { artifact, inside }: Target,
  options: RemoveOptions,
  changed: string[],
): Promise<RemoveResult['removed'][number]> {
  const { repo } = session
  if (inside !== undefined) throw partOfDirectory(repo, artifact, inside)
  const present = lstatSync(artifact.absolutePath, { throwIfNoEntry: false }) !== undefined
  const dataDeleted = options.outs === true && present
  if (dataDeleted && !options.force && !(await isKept(session, artifact))) throw notCached(repo, artifact)
  if (!options.dryRun) {
    if (dataDeleted) await deleteData(repo, artifact)
    forget(session, artifact.path)
    session.files.save()
    // Before the pointer, so that a run that was cut short can be repeated.
    const ignore = removeIgnored(repo, artifact.path)
    if (ignore !== undefined) changed.push(ignore)
    rmSync(artifact.absolutePointer)
    changed.push(artifact.pointerPath)
  }
  return { path: artifact.path, pointer: artifact.pointerPath, dataDeleted, dataStays: present && !dataDeleted }
}

function partOfDirectory(repo: Repo, artifact: Artifact, inside: string): ArtError {
  const typed = typedPath(repo, artifact.path)
  return new ArtError('USAGE', `it is part of the tracked directory ${typed}`, {
    path: `${artifact.path}/${inside}`,
    hint: `Delete it, then run \`art add ${typed}\`.`,
  })
}

function notCached(repo: Repo, artifact: Artifact): ArtError {
  return new ArtError('NOT_CACHED', 'the cache does not hold what is in the workspace', {
    path: artifact.path,
    hint: `Run \`art add ${typedPath(repo, artifact.path)}\` first, or use --force to lose it.`,
  })
}
