import { isArtError } from '@art/core'
import type { Artifact } from '../target/find.ts'
import type { LookOptions } from '../view-api.ts'
import { artifactStatus } from '../workspace/artifact-status.ts'
import type { Session } from '../workspace/session.ts'
import { findModel, type Model, trackedModel } from './find.ts'
import { type Look, lookAt } from './look.ts'
import { membersOf } from './members.ts'
import type { Candidate } from './newest.ts'
import { checkpointOf } from './read-block.ts'
import { modelSettings } from './settings.ts'
import { shownOf } from './shown.ts'

/** Checkpoints among artifacts, with the figures of what lies in the workspace now. */
export async function candidatesAmong(session: Session, artifacts: readonly Artifact[]): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  for (const artifact of artifacts) {
    const { pointer, absolutePath } = artifact
    // Whether a dataset changed is of no interest, and costs a look at every file of it.
    if (pointer.kind === 'd' && pointer.checkpoint === undefined) continue
    const { state, outdated } = await artifactStatus(session, artifact)
    // What is outdated was there before its pointer moved on: it is brought up to date, and is not newer.
    const modified = state === 'modified' && outdated !== true
    if (modified) {
      const model = { ...(await findModel(session, session.repo.root, absolutePath)), name: artifact.path }
      const look = await lookOf(session, model, {}).catch(ignoreNoModel)
      if (look === undefined) continue
      const { epoch, step } = shownOf(look)
      candidates.push({ artifact, model, modified, epoch, step })
    } else if (pointer.checkpoint !== undefined) {
      const { epoch, step } = checkpointOf(pointer.checkpoint)
      const model = trackedModel(session, artifact)
      candidates.push({ artifact, model, modified, epoch, step })
    }
  }
  return candidates
}

/** Training may have been stopped while it wrote one. */
function ignoreNoModel(error: unknown): undefined {
  if (isArtError(error, 'UNSUPPORTED') || isArtError(error, 'CORRUPT')) return undefined
  throw error
}

export async function lookOf(
  session: Session,
  model: Model,
  { signal, onEvent, remote }: Omit<LookOptions, 'cwd'>,
): Promise<Look> {
  return await lookAt(model, {
    session,
    settings: modelSettings(session.repo.config),
    pool: (bytes) => session.pool({ files: 1, bytes }),
    signal,
    onEvent,
    remote,
  })
}

/** Trainers that write a folder leave the optimizer in a file beside the model. */
const BESIDE = /^optim[^/]*\.(?:pt|pth|bin|safetensors)$/

/** Can training go on from it? Undefined where only the content could tell. Fails with `NOT_CACHED` for a directory whose tree is not here. */
export function hasOptimizer(
  session: Session,
  { artifact, modified }: Candidate,
  { table }: Look,
): boolean | undefined {
  if (table !== undefined && table.facts.optimizers.length > 0) return true
  const { pointer, path } = artifact
  if (pointer.kind === 'd' && !modified)
    return [...membersOf(session, pointer, path)].some((member) => BESIDE.test(member.path))
  return table === undefined ? undefined : false
}
