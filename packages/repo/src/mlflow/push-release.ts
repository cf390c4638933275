import { listArtifacts, proxiedPath, uploadArtifact } from '@art/registry/mlflow/artifact.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import { ensureExperiment, findExperiment } from '@art/registry/mlflow/experiment.ts'
import { ensureModel, ensureVersion, findVersion, setVersionTag } from '@art/registry/mlflow/registered-model.ts'
import type { ReleaseRun } from '@art/registry/mlflow/release-run.ts'
import { ensureRun, findRun, finishRun, logBatch, type Run } from '@art/registry/mlflow/run.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { MlflowPushOptions, MlflowRelease } from '../mlflow-api.ts'
import type { Session } from '../workspace/session.ts'
import { contentFiles, type ReleaseFile, referenceFiles } from './release-files.ts'

/** Below a run's artifacts; a model version's source is this folder. */
const FOLDER = 'model'

/** Set when every file has arrived: its value is how. */
const ARTIFACT_TAG = 'art.artifact'

export interface PushPlace {
  client: Client
  session: Session
  options: MlflowPushOptions
  /** Of names of experiments the ids. */
  experiments: Map<string, string>
  /** Runs to whose artifacts the server passes nothing on, and where those are kept. */
  unsent: { run: string; where: string }[]
}

/**
 * Makes a release a run and a model version, or completes what is there of it. Every step looks first for what it would make, so that one that was cut
 * short anywhere is gone on with.
 */
export async function pushRelease(place: PushPlace, record: ReleaseRecord, wanted: ReleaseRun): Promise<MlflowRelease> {
  const { client, session, options } = place
  const artifact = options.artifact ?? 'reference'
  let experiment = place.experiments.get(wanted.experiment)
  if (experiment === undefined) {
    experiment = await ensureExperiment(client, wanted.experiment)
    place.experiments.set(wanted.experiment, experiment)
  }
  const about = { experiment, name: wanted.runName, startTime: wanted.time, tags: wanted.tags }
  const { run, made } = await ensureRun(client, about, wanted.known)
  const isComplete = run.status === 'FINISHED' && hasArtifact(run, artifact)
  let sent = 0
  if (!isComplete) {
    const files = await referenceFiles(session, record)
    if (artifact === 'file') files.push(...(await contentFiles(session, record, options.remote)))
    sent = await upload(place, run, files)
  }
  const tags = new Map(wanted.tags).set(ARTIFACT_TAG, isComplete ? run.tags.get(ARTIFACT_TAG)! : artifact)
  const logged = await logBatch(client, run, { ...wanted, tags, timestamp: wanted.time })
  if (run.status !== 'FINISHED') await finishRun(client, run, Math.max(Date.now(), wanted.time))
  await ensureModel(client, wanted.model)
  const source = `${run.artifactUri.replace(/\/$/, '')}/${FOLDER}`
  const versionTags = new Map(tags)
  for (const key of tags.keys()) if (key.startsWith('mlflow.')) versionTags.delete(key)
  const version = await ensureVersion(
    client,
    {
      name: wanted.model,
      source,
      run: run.id,
      tags: versionTags,
      ...(wanted.description === undefined ? {} : { description: wanted.description }),
    },
    wanted.known,
  )
  let changed = logged + sent
  for (const [key, value] of versionTags) {
    if (version.made || version.version.tags.get(key) === value) continue
    await setVersionTag(client, version.version, key, value)
    changed++
  }
  return {
    ...resultOf(record, wanted),
    state: made || version.made ? 'pushed' : changed > 0 || !isComplete ? 'updated' : 'unchanged',
    run: run.id,
    registered: { model: wanted.model, version: version.version.version },
  }
}

/** What `pushRelease` would do, by reading alone. */
export async function previewRelease(
  { client, options }: PushPlace,
  record: ReleaseRecord,
  wanted: ReleaseRun,
): Promise<MlflowRelease> {
  const experiment = await findExperiment(client, wanted.experiment)
  const run = experiment === undefined ? undefined : await findRun(client, experiment, wanted.known)
  const version = run === undefined ? undefined : await findVersion(client, wanted.model, wanted.known)
  const result = resultOf(record, wanted)
  if (run === undefined || version === undefined) return { ...result, state: 'pushed' }
  const isComplete = run.status === 'FINISHED' && hasArtifact(run, options.artifact ?? 'reference')
  const lacks = [...wanted.tags].some(([key, value]) => !key.startsWith('mlflow.') && version.tags.get(key) !== value)
  return {
    ...result,
    state: isComplete && !lacks ? 'unchanged' : 'updated',
    run: run.id,
    registered: { model: wanted.model, version: version.version },
  }
}

function resultOf({ model, version, tag, oid }: ReleaseRecord, wanted: ReleaseRun): MlflowRelease {
  const { experiment, model: registered } = wanted
  return { model, version, tag, oid, state: 'unchanged', experiment, registered: { model: registered }, aliases: [] }
}

/** The bytes include the reference. */
function hasArtifact(run: Run, artifact: 'reference' | 'file'): boolean {
  const has = run.tags.get(ARTIFACT_TAG)
  return has === artifact || has === 'file'
}

/** Sends what is not there in the same size already: what was cut short has another. The number of files that were sent. */
async function upload(
  { client, session, unsent }: PushPlace,
  run: Run,
  files: readonly ReleaseFile[],
): Promise<number> {
  const { onEvent } = session.options
  const root = await proxiedPath(client, run.artifactUri)
  if (root === undefined) {
    const where = run.artifactUri.replace(/\/\/[^/@]*@/, '//').slice(0, 200)
    unsent.push({ run: run.name ?? run.id, where })
    return 0
  }
  onEvent?.({
    type: 'phase',
    phase: 'upload',
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  })
  const known = new Map<string, Map<string, number | undefined>>()
  let sent = 0
  for (const { path, size, open } of files) {
    session.options.signal?.throwIfAborted()
    const whole = `${root}/${FOLDER}/${path}`
    const folder = whole.slice(0, whole.lastIndexOf('/'))
    let there = known.get(folder)
    if (there === undefined) {
      const entries = await listArtifacts(client, folder)
      there = new Map(entries.filter(({ isFolder }) => !isFolder).map((entry) => [entry.name, entry.size]))
      known.set(folder, there)
    }
    if (there.get(whole.slice(folder.length + 1)) !== size) {
      const { upload: body, close } = await open()
      try {
        await uploadArtifact(client, whole, body, path)
        sent++
      } finally {
        await close()
      }
    }
    onEvent?.({ type: 'progress', phase: 'upload', files: 1, bytes: size })
  }
  return sent
}
