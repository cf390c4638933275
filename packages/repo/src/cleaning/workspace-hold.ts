import { fromHex } from '@art/core'
import type { Artifact } from '../target/find.ts'
import { directoryState } from '../workspace/directory-state.ts'
import { fileState } from '../workspace/file-state.ts'
import type { Session } from '../workspace/session.ts'

/** What lies in the workspace: nothing, what the pointer names and the cache has, or what would be lost if it were deleted. */
export type Lying = 'missing' | 'kept' | 'modified' | 'uncached'

/** Compares data with its pointer, and looks whether the cache has it. Reads what has changed since it was looked at last. */
export async function lyingThere(session: Session, artifact: Artifact): Promise<Lying> {
  const { repo, cache, files: index, pool, trustedBefore, options } = session
  const { absolutePath, path, pointer } = artifact
  if (pointer.kind === 'd') {
    const place = { ...options, cache, pool, trustedBefore }
    const { state, uncached, failures } = await directoryState(repo, artifact, place)
    if (state !== 'ok' || failures.length > 0) return state === 'missing' ? 'missing' : 'modified'
    return uncached ? 'uncached' : 'kept'
  }
  const { state } = await fileState(absolutePath, path, pointer, { index, cache, trustedBefore })
  if (state !== 'ok') return state
  return cache.hasWholeFile(fromHex(pointer.oid), pointer.size) ? 'kept' : 'uncached'
}
