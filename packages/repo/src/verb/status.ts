import type { ArtifactState, ArtifactStatus, StatusOptions, StatusResult } from '../api.ts'
import { trackedPointers } from '../git/index-names.ts'
import type { Repo } from '../open.ts'
import { type Artifact, failuresOf } from '../target/find.ts'
import { resolveTargets } from '../target/resolve.ts'
import { artifactStatus } from '../workspace/artifact-status.ts'
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
