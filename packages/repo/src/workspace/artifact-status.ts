import type { Cache } from '@art/core/cache/cache.ts'
import type { EntryChange } from '@art/core/index/compare.ts'
import type { ArtifactStatus } from '../api.ts'
import type { Artifact } from '../target/find.ts'
import { directoryState } from './directory-state.ts'
import { fileState } from './file-state.ts'
import type { Session } from './session.ts'

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
