import { fromHex } from '@art/core'
import type { Artifact } from '../target/find.ts'
import { directoryState } from './directory-state.ts'
import { fileState } from './file-state.ts'
import type { Session } from './session.ts'

/** Does the cache hold every byte that lies in the workspace for this artifact, whether or not it is what the pointer names? */
export async function isKept(session: Session, artifact: Artifact): Promise<boolean> {
  const { repo, cache, files: index, pool, trustedBefore, options } = session
  const { absolutePath, path, pointer } = artifact
  if (pointer.kind === 'f') {
    const { state, oid, size } = await fileState(absolutePath, path, pointer, { index, cache, trustedBefore })
    return state === 'missing' || (oid !== undefined && cache.hasFile(fromHex(oid), size))
  }
  const { state, uncached, failures } = await directoryState(repo, artifact, { ...options, cache, pool, trustedBefore })
  return state === 'missing' || (state === 'ok' && !uncached && failures.length === 0)
}
