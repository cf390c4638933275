import type { GivenKey, Pointer } from '@art/core/pointer/pointer.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import type { AddedArtifact } from '../api.ts'
import { givenOf } from '../model/given-facts.ts'
import { checkpointOf } from '../model/read-block.ts'

/** What a result tells of an artifact whose pointer was written, or would be. */
export function addedOf(
  path: string,
  pointer: Pick<Pointer, 'oid' | 'size' | 'files' | 'checkpoint' | GivenKey>,
  state: AddedArtifact['state'],
): AddedArtifact {
  const { oid, size, files, checkpoint } = pointer
  const given = givenOf(pointer)
  return {
    path,
    pointer: pointerPathFor(path),
    oid,
    size,
    ...(files === undefined ? {} : { files }),
    ...(checkpoint === undefined ? {} : { checkpoint: checkpointOf(checkpoint) }),
    ...(given === undefined ? {} : { given }),
    state,
  }
}
