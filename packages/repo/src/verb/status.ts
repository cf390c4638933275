import type { Cache } from '@art/core/cache/cache.ts'
import type { EntryChange } from '@art/core/index/compare.ts'
import type { ArtifactState, ArtifactStatus, StatusOptions, StatusResult } from '../api.ts'
import { trackedPointers } from '../git/index-names.ts'
import type { Repo } from '../open.ts'
import { type Artifact, failuresOf } from '../target/find.ts'
import { resolveTargets } from '../target/resolve.ts'
import { directoryState } from '../workspace/directory-state.ts'
import { fileState } from '../workspace/file-state.ts'
import { withoutArchived } from '../workspace/out-of-the-way.ts'
import { type Session, withSession } from '../workspace/session.ts'

/** Says of each artifact whether workspace, pointer and cache agree. Costs one `lstat` a file where nothing has changed. */
export async function status(repo: Repo, names: readonly string[], options: StatusOptions = {}): Promise<StatusResult> {
  const { targets: named, failed } = await resolveTargets(repo, names)
  const targets = withoutArchived(repo, names, named)
  return await withSession(repo, options, async (session) => {
    const tracked = trackedPointers(repo)
    const artifacts: ArtifactStatus[] = []
    for (const artifact of distinct(targets.map((target) => target.artifact))) {
      try {
        const found = await artifactStatus(session, artifact)
        if (found.state === 'ok' && tracked !== undefined && !tracked.has(artifact.pointerPath)) found.state = 'new'
        artifacts.push(found)
      } catch (error) {
        failed.push(...failuresOf(repo, error, artifact.path))
      }
    }
    session.files.save()
    if (options.cloud)
      await addCloud(
        session,
        artifacts,
        targets.map((target) => target.artifact),
        options,
      )
    const clean =
      failed.length === 0 && artifacts.every(({ state, cloud }) => isClean(state) && (cloud ?? 'ok') === 'ok')
    return { clean, artifacts, failed }
  })
}

function isClean(state: ArtifactState): boolean {
  return state === 'ok' || state === 'new'
}

function distinct(artifacts: Artifact[]): Artifact[] {
  return [...new Map(artifacts.map((artifact) => [artifact.path, artifact])).values()]
}

/** State of one artifact; counts inside a directory that differs. */
export async function artifactStatus(session: Session, artifact: Artifact): Promise<ArtifactStatus> {
  const { pointer, path, pointerPath } = artifact
  const { files } = pointer
  const common = { path, pointer: pointerPath, size: pointer.size, ...(files === undefined ? {} : { files }) }
  if (pointer.kind === 'f') {
    const { cache, files: index, trustedBefore } = session
    const { state, oid } = await fileState(artifact.absolutePath, path, pointer, { index, cache, trustedBefore })
    const cached = cache.hasFile(Buffer.from(pointer.oid, 'hex'), pointer.size)
    const outdated = state === 'modified' && oid !== undefined && oid !== pointer.oid && index.isSettled(path, oid)
    return {
      ...common,
      state: state !== 'modified' && !cached ? 'not-in-cache' : state,
      ...(outdated ? { outdated } : {}),
    }
  }
  const { repo, cache, pool, trustedBefore, options } = session
  const found = await directoryState(repo, artifact, { ...options, cache, pool, trustedBefore })
  const [failure] = found.failures
  if (failure !== undefined) throw failure
  if (found.state === 'modified') {
    const absent = found.outdated ? 0 : countAbsent(found.changes, cache)
    return {
      ...common,
      state: absent > 0 && absent === found.changes.length ? 'not-in-cache' : 'modified',
      changes: countChanges(found.changes),
      ...(absent > 0 ? { absent } : {}),
      ...(found.outdated ? { outdated: true } : {}),
    }
  }
  const cached = found.state === 'ok' ? !found.uncached : await isTreeCached(session, artifact)
  return { ...common, state: cached ? found.state : 'not-in-cache' }
}

async function isTreeCached(session: Session, { pointer, path }: Artifact): Promise<boolean> {
  const { missingInCache } = await import('@art/remote/transfer/missing.ts')
  const { kind, oid, size, files } = pointer
  return missingInCache({ kind, oid, size, files, path }, session.cache).length === 0
}

/** Files that are gone here and that the cache does not hold: nobody deleted them, they did not come. */
function countAbsent(changes: readonly EntryChange[], cache: Cache): number {
  let count = 0
  for (const { state, before } of changes) {
    if (state !== 'removed' || before === undefined) continue
    const { section, i } = before
    const size = section.records.size(i)
    if (size > 0 && !cache.hasFile(section.records.oid(i), size)) count++
  }
  return count
}

function countChanges(
  changes: readonly { state: 'added' | 'modified' | 'removed' }[],
): NonNullable<ArtifactStatus['changes']> {
  const counts = { added: 0, modified: 0, removed: 0 }
  for (const { state } of changes) counts[state]++
  return counts
}

async function addCloud(
  session: Session,
  statuses: ArtifactStatus[],
  artifacts: Artifact[],
  options: StatusOptions,
): Promise<void> {
  const { cloudStates } = await import('../exchange/cloud.ts')
  const states = await cloudStates(session, artifacts, options)
  for (const one of statuses) {
    const state = states.get(one.path)
    if (state !== undefined) one.cloud = state
  }
}
