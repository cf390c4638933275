import { listArtifacts, proxiedPath, uploadArtifact } from '@art/registry/mlflow/artifact.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import type { ReleaseRun } from '@art/registry/mlflow/release-run.ts'
import { finishRun, logBatch, type Run } from '@art/registry/mlflow/run.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { MlflowPushOptions } from '../mlflow-api.ts'
import type { Session } from '../workspace/session.ts'
import { contentFiles, type ReleaseFile, referenceFiles } from './release-files.ts'

/** Below a run's artifacts; a model version's source is this folder. */
export const FOLDER = 'model'

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

/** Gives a run its files and figures, as far as it lacks them, and ends it. */
export async function fillRun(
  place: PushPlace,
  record: ReleaseRecord,
  wanted: ReleaseRun,
  run: Run,
): Promise<{ changes: number; versionTags: Map<string, string> }> {
  const { client, session, options } = place
  const artifact = options.artifact ?? 'reference'
  const isFinished = run.status === 'FINISHED'
  const tags = new Map(wanted.tags).set(ARTIFACT_TAG, run.tags.get(ARTIFACT_TAG) ?? artifact)
  let changes = isFinished ? 0 : 1
  if (!hasArtifact(run, artifact)) {
    const files = await referenceFiles(session, record)
    if (artifact === 'file') files.push(...(await contentFiles(session, record, options.remote)))
    changes += await upload(place, run, files)
    tags.set(ARTIFACT_TAG, artifact)
  }
  changes += await logBatch(client, run, { ...wanted, tags, timestamp: wanted.time })
  if (!isFinished) await finishRun(client, run, Math.max(Date.now(), wanted.time))
  return { changes, versionTags: new Map([...tags].filter(([key]) => !key.startsWith('mlflow.'))) }
}

/** The bytes include the reference. */
export function hasArtifact(run: Run, artifact: 'reference' | 'file'): boolean {
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
