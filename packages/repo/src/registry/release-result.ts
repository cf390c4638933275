import { ArtError } from '@art/core'
import type { Pointer } from '@art/core/pointer/pointer.ts'
import { present } from '@art/checkpoint/present.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { CommittedFile } from '../git/commit-files.ts'
import { shortName } from '../git/line.ts'
import { nextPush } from '../git/push.ts'
import type { Repo } from '../open.ts'
import type { ReleasedMetric, ReleaseResult } from '../registry-api.ts'
import type { Tagger } from './candidate.ts'
import type { Reasons } from './git-gates.ts'
import type { NamedModel } from './named-model.ts'
import type { PlannedVersion } from './plan-version.ts'

/** Everything that is known of a release before it is made. */
export interface ReleasePlan extends PlannedVersion {
  model: NamedModel
  tagger: Tagger
  pointer: Pointer
  before: ReleaseRecord | undefined
  after: ReleaseRecord | undefined
  files: readonly CommittedFile[]
  /** Of these, which HEAD has. */
  there: ReadonlySet<string>
  /** HEAD. */
  head: string
  /** The branch that HEAD is on, `refs/heads/…`. */
  branch: string | undefined
}

/** All that is against a release. */
export function refusal(model: string, reasons: Reasons): ArtError {
  const [first, ...others] = reasons
  if (first !== undefined && others.length === 0) {
    const { path, message, hint } = first
    return new ArtError('RELEASE_REFUSED', `${model} is not released`, {
      path: model,
      details: [{ path, message }],
      hint,
    })
  }
  return new ArtError('RELEASE_REFUSED', `${model} is not released, for ${reasons.length} reasons`, {
    path: model,
    details: reasons,
    hint: 'Do what is said of each, then run it again.',
  })
}

/** What a plan comes to. */
export async function released(
  repo: Repo,
  plan: ReleasePlan,
  done: { commit?: string; pushed?: ReleaseResult['pushed']; left?: string[]; dryRun?: boolean },
): Promise<ReleaseResult> {
  const { model, pointer, version, tag, from, bump, why, notes, after, head, branch, files, there } = plan
  const { dryRun = false, pushed = null, left = [], commit = null } = done
  const state = ({ path, text }: CommittedFile): 'removed' | 'modified' | 'added' =>
    text === undefined ? 'removed' : there.has(path) ? 'modified' : 'added'
  return {
    model: model.name,
    path: model.path,
    assumed: model.assumed,
    version,
    from: from ?? null,
    bump: bump ?? null,
    why,
    notes,
    tag,
    oid: pointer.oid,
    size: pointer.size,
    ...present<Pick<ReleaseResult, 'parameters' | 'weights'>>({
      parameters: after?.facts.parameters,
      weights: after?.weights,
    }),
    metrics: metricsOf(plan),
    files: files.map((file) => ({ path: file.path, state: state(file) })),
    gitCommit: head,
    commit,
    branch: files.length === 0 || branch === undefined ? null : shortName(branch),
    pushed,
    dryRun,
    left,
    next: pushed === null ? await nextPush(repo, branch, { tags: [tag], withBranch: files.length > 0 }) : null,
  }
}

/** The one that counts comes first. */
function metricsOf({ before, after }: ReleasePlan): ReleasedMetric[] {
  const deciding = after?.deciding
  const names = new Set([
    ...(deciding === undefined ? [] : [deciding.name]),
    ...Object.keys(after?.facts.metrics ?? {}),
  ])
  return [...names].map((name) =>
    present<ReleasedMetric>({
      name,
      before: own(before?.facts.metrics, name),
      after: own(after?.facts.metrics, name),
      deciding: name === deciding?.name ? deciding.direction : undefined,
    }),
  )
}

function own<T>(values: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined
}
