import { isArtError } from '@art/core'
import { ensureExperiment, experimentName } from '@art/registry/mlflow/experiment.ts'
import {
  ensureModel,
  ensureVersion,
  findVersions,
  type ModelVersion,
  setVersionTag,
} from '@art/registry/mlflow/registered-model.ts'
import type { ReleaseRun } from '@art/registry/mlflow/release-run.ts'
import { ensureRun, getRun, type Run } from '@art/registry/mlflow/run.ts'
import { settle, type Standing } from '@art/registry/mlflow/standing.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { MlflowRelease } from '../mlflow-api.ts'
import { fillRun, FOLDER, isFilled, type PushPlace } from './fill-run.ts'

/** How often to look again for what other pushes of the same release have left standing. */
const ATTEMPTS = 3

/**
 * Makes a release a run and a model version, or completes what is there of it. Every step looks first for what it would make, so that one that was cut
 * short anywhere is gone on with; what another push makes at the same time is settled by the version's number.
 */
export async function pushRelease(place: PushPlace, record: ReleaseRecord, wanted: ReleaseRun): Promise<MlflowRelease> {
  let made: ModelVersion | undefined
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const standing = await settle(place.client, wanted)
    if (standing !== undefined) {
      const changes = await complete(place, record, wanted, standing)
      const isOwn = made?.version === standing.version.version
      return await resultOf(place, record, wanted, isOwn ? 'pushed' : changes > 0 ? 'updated' : 'unchanged', standing)
    }
    made = await make(place, record, wanted)
  }
  throw place.client.vague('it does not list the model version that it made')
}

/** Undefined where another push has the first version meanwhile, and has deleted the run that was being filled. */
async function make(place: PushPlace, record: ReleaseRecord, wanted: ReleaseRun): Promise<ModelVersion | undefined> {
  const { client, experiments } = place
  const { model, known, tags, description } = wanted
  let experiment = experiments.get(wanted.experiment)
  if (experiment === undefined) {
    experiment = await ensureExperiment(client, wanted.experiment)
    experiments.set(wanted.experiment, experiment)
  }
  const run = await ensureRun(client, { experiment, name: wanted.runName, startTime: wanted.time, tags }, known)
  try {
    const filled = await fillRun(place, record, wanted, run)
    await ensureModel(client, model)
    const source = `${run.artifactUri.replace(/\/$/, '')}/${FOLDER}`
    const about = { name: model, source, run: run.id, description, tags: filled.versionTags }
    return await ensureVersion(client, about, known)
  } catch (error) {
    if (isArtError(error, 'REMOTE_REFUSED') && (await findVersions(client, model, known)).length > 0) return undefined
    throw error
  }
}

/** Adds what a run and its version lack, such as bytes that are asked for now; how much that was. */
async function complete(
  place: PushPlace,
  record: ReleaseRecord,
  wanted: ReleaseRun,
  { version, run }: Standing,
): Promise<number> {
  const { changes, versionTags } = await fillRun(place, record, wanted, run)
  const lacking = [...versionTags].filter(([key, value]) => version.tags.get(key) !== value)
  for (const [key, value] of lacking) await setVersionTag(place.client, version, key, value)
  return changes + lacking.length + (run.isDeleted ? 1 : 0)
}

/** What `pushRelease` would do, by reading alone. */
export async function previewRelease(
  place: PushPlace,
  record: ReleaseRecord,
  wanted: ReleaseRun,
): Promise<MlflowRelease> {
  const { client, options } = place
  const [version] = await findVersions(client, wanted.model, wanted.known)
  const run = version?.run === undefined ? undefined : await getRun(client, version.run)
  if (version === undefined || run === undefined) return await resultOf(place, record, wanted, 'pushed')
  const isComplete = isFilled(run, options.artifact ?? 'reference')
  const lacks = [...wanted.tags].some(([key, value]) => !key.startsWith('mlflow.') && version.tags.get(key) !== value)
  return await resultOf(place, record, wanted, isComplete && !lacks ? 'unchanged' : 'updated', { version, run })
}

async function resultOf(
  place: PushPlace,
  { model, version, tag, oid }: ReleaseRecord,
  wanted: ReleaseRun,
  state: MlflowRelease['state'],
  standing?: Standing,
): Promise<MlflowRelease> {
  const about = { model, version, tag, oid, state, aliases: [] }
  if (standing === undefined) return { ...about, experiment: wanted.experiment, registered: { model: wanted.model } }
  return {
    ...about,
    experiment: await experimentOf(place, wanted, standing.run),
    run: standing.run.id,
    registered: { model: wanted.model, version: standing.version.version },
  }
}

/** Where a release was pushed to once it stays, as its version names that run. */
async function experimentOf(
  { client, session, experiments }: PushPlace,
  wanted: ReleaseRun,
  run: Run,
): Promise<string> {
  if (experiments.get(wanted.experiment) === run.experiment) return wanted.experiment
  const name = (await experimentName(client, run.experiment)) ?? run.experiment
  if (name === wanted.experiment) experiments.set(name, run.experiment)
  else {
    const message = `${wanted.runName} is in the experiment ${name} since it was first pushed, and stays there`
    session.options.onEvent?.({ type: 'warning', message })
  }
  return name
}
