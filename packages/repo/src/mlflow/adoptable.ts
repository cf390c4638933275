import { ArtError } from '@art/core'
import { aboutFrom } from '@art/registry/mlflow/about.ts'
import { type AdoptedOrigin, runOrigin, versionFrom, versionOrigin } from '@art/registry/mlflow/adoption.ts'
import { listArtifacts, proxiedPath } from '@art/registry/mlflow/artifact.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import { encoded } from '@art/registry/mlflow/path.ts'
import { downloadUri, type ModelVersion } from '@art/registry/mlflow/registered-model.ts'
import { getRun, type Run } from '@art/registry/mlflow/run.ts'
import { parseVersion, type Version } from '@art/registry/version/version.ts'
import type { MlflowAdopted } from '../mlflow-api.ts'

/** Something of MLflow's that can become an artifact and a release: a version of a registered model, or what a run has logged. */
export interface Adoptable {
  /** As failures name it. */
  label: string
  /** As art has it. */
  version: Version
  origin: AdoptedOrigin
  description: string | undefined
  /** Of the version or the run. */
  tags: ReadonlyMap<string, string>
  shown: Pick<MlflowAdopted, 'registered' | 'run' | 'about'>
  /** With its figures. */
  run(): Promise<Run | undefined>
  /** Where its files are. */
  uri(): Promise<string | undefined>
}

export function registeredVersion(client: Client, version: ModelVersion): Adoptable {
  const { name, run, description, tags } = version
  return {
    label: `${name}/${version.version}`,
    version: versionFrom(version),
    origin: versionOrigin(version),
    description,
    tags,
    shown: { registered: { model: name, version: version.version }, ...aboutIn(tags) },
    run: async () => (run === undefined ? undefined : await getRun(client, run)),
    uri: () => downloadUri(client, version),
  }
}

function aboutIn(tags: ReadonlyMap<string, string>): Pick<MlflowAdopted, 'about'> {
  const about = aboutFrom(tags)
  return Object.keys(about).length === 0 ? {} : { about }
}

/** What a run has logged, and what it is called there. */
export interface LoggedModel {
  /** Id of a model of MLflow 3, or a path below the run's artifacts; empty for all of them. */
  artifact: string
  uri: string
  /** How many there were to choose from. */
  others: number
}

/** `number`: N of its version here, unless art's tags say which version it is. */
export function runVersion(run: Run, experiment: string, logged: LoggedModel, number: number): Adoptable {
  const told = parseVersion(run.tags.get('art.version') ?? '')
  return {
    label: run.id,
    version: told ?? `0.0.${number}`,
    origin: runOrigin(run, experiment, logged.artifact, told === undefined ? number : undefined),
    description: run.tags.get('mlflow.note.content'),
    tags: run.tags,
    shown: { run: { id: run.id, experiment, ...(run.name !== undefined && { name: run.name }) }, ...aboutIn(run.tags) },
    run: async () => run,
    uri: async () => logged.uri,
  }
}

/**
 * The model that a run has logged: the artifact that is named; else the last that `log_model` wrote, of MLflow 3 or 2; else the only artifact, or the one
 * called `model`. Undefined where it has none; fails with `USAGE` where several could be meant.
 */
export async function loggedModel(
  client: Client,
  run: Run,
  artifact: string | undefined,
): Promise<LoggedModel | undefined> {
  const below = (path: string, others = 0): LoggedModel => ({
    artifact: path,
    uri: `${run.artifactUri.replace(/\/$/, '')}/${encoded(path)}`,
    others,
  })
  if (artifact !== undefined) return below(artifact)
  const models = [...run.models].sort((a, b) => a.step - b.step)
  const last = models.at(-1)
  if (last !== undefined) return { artifact: last.id, uri: `models:/${last.id}`, others: models.length - 1 }
  const paths = loggedPaths(run.tags.get('mlflow.log-model.history') ?? '')
  if (paths.length > 0) return below(paths.at(-1)!, new Set(paths).size - 1)
  const root = await proxiedPath(client, run.artifactUri)
  const names = root === undefined ? [] : (await listArtifacts(client, root)).map(({ name }) => name)
  if (names.length === 0) return undefined
  const name = names.includes('model') ? 'model' : names[0]!
  if (names.length === 1 || name === 'model') return below(name)
  throw new ArtError('USAGE', `this run has several artifacts: ${names.slice(0, 8).join(', ')}`, {
    path: run.id,
    hint: 'Say which is the model: --artifact <path>.',
  })
}

/** MLflow 2 notes what `log_model` wrote in a tag. */
function loggedPaths(text: string): string[] {
  try {
    const parsed: unknown = JSON.parse(text)
    return (Array.isArray(parsed) ? parsed : []).flatMap((one: { artifact_path?: unknown } | null) =>
      typeof one?.artifact_path === 'string' && one.artifact_path !== '' ? [one.artifact_path] : [],
    )
  } catch {
    return []
  }
}
