import type { Pointer } from '@art/core/pointer/pointer.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import type { AddedArtifact } from '../api.ts'
import { checkpointOf } from '../model/read-block.ts'

/** What a result tells of an artifact whose pointer was written, or would be. */
export function addedOf(
  path: string,
  { oid, size, files, checkpoint }: Pick<Pointer, 'oid' | 'size' | 'files' | 'checkpoint'>,
  state: AddedArtifact['state'],
): AddedArtifact {
  return {
    path,
    pointer: pointerPathFor(path),
    oid,
    size,
    ...(files === undefined ? {} : { files }),
    ...(checkpoint === undefined ? {} : { checkpoint: checkpointOf(checkpoint) }),
    state,
  }
}
