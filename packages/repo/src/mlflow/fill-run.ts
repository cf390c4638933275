import { listArtifacts, proxiedPath, uploadArtifact } from '@art/registry/mlflow/artifact.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import type { ReleaseRun } from '@art/registry/mlflow/release-run.ts'
import { finishRun, logBatch, type Run } from '@art/registry/mlflow/run.ts'
import type { Upload } from '@art/registry/mlflow/transport.ts'
import type { ReleaseRecord } from '@art/registry/files/record.ts'
import type { MlflowPushOptions } from '../mlflow-api.ts'
import type { Session } from '../workspace/session.ts'
import { contentFiles, type ReleaseFile, referenceFiles } from './release-files.ts'

/** Below a run's artifacts; a model version's source is this folder. */
export const FOLDER = 'model'

/** Set when every file has arrived: its value is how; `none` where the server takes no files. */
const ARTIFACT_TAG = 'art.artifact'

export interface PushPlace {
  client: Client
  session: Session
  options: MlflowPushOptions
  /** Which of the releases it is, `3 of 7`; empty where it is the only one. */
  turn: string
  /** Of names of experiments the ids. */
  experiments: Map<string, string>
  /** Of runs to whose artifacts the server passes nothing on, where those are kept. */
  unsent: Map<string, string>
}

/** Whether a push would find nothing to do to a run. */
export function isFilled(run: Run, artifact: 'reference' | 'file'): boolean {
  const isSent = hasArtifact(run, artifact) || run.tags.get(ARTIFACT_TAG) === 'none'
  return run.status === 'FINISHED' && !run.isDeleted && isSent
}

/** Gives a run its files and figures, as far as it lacks them, and ends it. */
export async function fillRun(
  place: PushPlace,
  record: ReleaseRecord,
  wanted: ReleaseRun,
  run: Run,
): Promise<{ changes: number; versionTags: Map<string, string> }> {
  const { client, session, options, unsent } = place
  const artifact = options.artifact ?? 'reference'
  const isFinished = run.status === 'FINISHED'
  const tags = new Map(wanted.tags).set(ARTIFACT_TAG, run.tags.get(ARTIFACT_TAG) ?? artifact)
  let changes = isFinished ? 0 : 1
  if (!hasArtifact(run, artifact)) {
    const root = await proxiedPath(client, run.artifactUri)
    tags.set(ARTIFACT_TAG, root === undefined ? 'none' : artifact)
    if (root === undefined) {
      unsent.set(wanted.runName, run.artifactUri.replace(/\/\/[^/@]*@/, '//').slice(0, 200))
    } else {
      const files = await referenceFiles(session, record)
      if (artifact === 'file') files.push(...(await contentFiles(session, record, options.remote)))
      changes += await upload(place, `${root}/${FOLDER}`, files, wanted.runName)
    }
  }
  changes += await logBatch(client, run, { ...wanted, tags, timestamp: wanted.time })
  if (!isFinished) await finishRun(client, run, Math.max(Date.now(), wanted.time))
  return { changes, versionTags: new Map([...tags].filter(([key]) => !key.startsWith('mlflow.'))) }
}

/** The bytes include the reference. */
function hasArtifact(run: Run, artifact: 'reference' | 'file'): boolean {
  const has = run.tags.get(ARTIFACT_TAG)
  return has === artifact || has === 'file'
}

/** Sends to a folder what is not there in the same size already: what was cut short has another. The number of files that were sent. */
async function upload(
  { client, session, turn }: PushPlace,
  root: string,
  files: readonly ReleaseFile[],
  name: string,
): Promise<number> {
  const { onEvent, signal } = session.options
  const moved = (bytes: number): void => onEvent?.({ type: 'progress', phase: 'upload', bytes })
  onEvent?.({
    type: 'phase',
    phase: 'upload',
    name: turn === '' ? name : `${name}, ${turn}`,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  })
  const known = new Map<string, Map<string, number | undefined>>()
  let sent = 0
  for (const { path, size, open } of files) {
    signal?.throwIfAborted()
    const whole = `${root}/${path}`
    const folder = whole.slice(0, whole.lastIndexOf('/'))
    let there = known.get(folder)
    if (there === undefined) {
      const entries = await listArtifacts(client, folder)
      there = new Map(entries.filter(({ isFolder }) => !isFolder).map((entry) => [entry.name, entry.size]))
      known.set(folder, there)
    }
    if (there.get(whole.slice(folder.length + 1)) === size) moved(size)
    else {
      const { upload: body, close } = await open()
      try {
        await uploadArtifact(client, whole, counted(body, moved), path)
        sent++
      } finally {
        await close()
      }
    }
    onEvent?.({ type: 'progress', phase: 'upload', files: 1 })
  }
  return sent
}

/** Tells of bytes as they are read to be sent; of what is sent again nothing. */
function counted({ size, open }: Upload, moved: (bytes: number) => void): Upload {
  let most = 0
  return {
    size,
    async *open(start = 0, end = size) {
      let at = start
      for await (const piece of open(start, end)) {
        yield piece
        at += piece.length
        if (at > most) moved(at - most)
        most = Math.max(most, at)
      }
    },
  }
}
