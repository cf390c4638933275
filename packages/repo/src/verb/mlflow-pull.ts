import { ArtError, isArtError } from '@art/core'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import { versionFrom } from '@art/registry/mlflow/adoption.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import { modelNameFrom } from '@art/registry/mlflow/names.ts'
import {
  getModel,
  listModels,
  type ModelVersion,
  type RegisteredModel,
  versionsOf,
} from '@art/registry/mlflow/registered-model.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { compareVersions } from '@art/registry/version/version.ts'
import { stageForUser } from '../git/staging.ts'
import { type Adopting, adoptVersion } from '../mlflow/adopt-version.ts'
import { type KnownVersions, knownVersions } from '../mlflow/known-versions.ts'
import { ensureModelEntries } from '../mlflow/models-entry.ts'
import { nextCommands } from '../mlflow/next-commands.ts'
import { openMlflow } from '../mlflow/open.ts'
import type { Repo } from '../open.ts'
import type { MlflowAdopted, MlflowPullOptions, MlflowPullResult } from '../mlflow-api.ts'
import { failureOf } from '../target/find.ts'
import { assertInside, repoPath } from '../target/path.ts'

/** What is wrong with the server as a whole, or with this machine: the next version would fare no better. */
const OF_ALL = ['REMOTE_UNAVAILABLE', 'REMOTE_AUTH', 'TIMEOUT', 'INTERRUPTED', 'DISK_FULL', 'LOCKED'] as const

const READY = 'READY'

/**
 * Takes registered models of an MLflow server over: each version becomes an artifact with what MLflow knows of it in its pointer, each model an entry of
 * `models.yaml`. What is here already, and what this repository pushed itself, is left as it is. One version that fails does not hold up the others.
 */
export async function mlflowPull(
  repo: Repo,
  names: readonly string[],
  options: MlflowPullOptions = {},
): Promise<MlflowPullResult> {
  const { client, server } = await openMlflow(repo, options)
  const dir = options.dir === undefined ? 'models' : repoPath(repo, options.dir)
  if (dir !== '') assertInside(repo, `${dir}/x`)
  const known = await knownVersions(repo)
  const result: MlflowPullResult = { server, models: [], next: [], gitPaths: [], staged: false, failed: [] }
  if (options.dryRun) result.dryRun = true
  for (const { name, model } of await namedModels(client, names, result)) {
    const place: Adopting = { client, repo, options, model: name, dir }
    try {
      await adoptModel(place, model, known, result)
    } catch (error) {
      if (isOfAll(error, options)) throw error
      result.failed.push(failureOf(error, model.name))
    }
  }
  if (!options.dryRun) await enter(repo, result)
  result.next = await nextCommands(repo, result, known.released)
  return result
}

/** The models that are meant, with the names that they get here; two that would get the same are a failure. */
async function namedModels(
  client: Client,
  names: readonly string[],
  { failed }: MlflowPullResult,
): Promise<{ name: string; model: RegisteredModel }[]> {
  const models = new Map<string, RegisteredModel>()
  const take = (model: RegisteredModel): void => {
    const name = model.name.length > 256 ? undefined : modelNameFrom(model.name)
    const other = name === undefined ? undefined : models.get(name)
    if (name === undefined) {
      const why = new ArtError('USAGE', 'nothing of this name can be the name of a model here')
      failed.push(failureOf(why, model.name.slice(0, 256)))
    } else if (other !== undefined && other.name !== model.name) {
      const why = new ArtError('NAME_COLLISION', `it would be called ${name} here, as ${other.name} is`, {
        hint: 'Pull one of them; rename the other in MLflow.',
      })
      failed.push(failureOf(why, model.name))
    } else models.set(name, model)
  }
  if (names.length === 0) for await (const { name } of listModels(client)) take((await getModel(client, name))!)
  for (const name of names) {
    const model = await getModel(client, name)
    if (model !== undefined) take(model)
    else failed.push(failureOf(new ArtError('NOT_FOUND', 'MLflow has no registered model of this name'), name))
  }
  return [...models].map(([name, model]) => ({ name, model }))
}

async function adoptModel(
  place: Adopting,
  model: RegisteredModel,
  known: KnownVersions,
  result: MlflowPullResult,
): Promise<void> {
  for (const version of await versionsOf(place.client, model.name)) {
    place.options.signal?.throwIfAborted()
    const aliases = [...model.aliases].filter(([, of]) => of === version.version).map(([alias]) => alias)
    if (version.status !== undefined && version.status !== READY) continue
    try {
      const here = await presentOf(place, version, known)
      if (here !== undefined) {
        result.models.push({ ...here, aliases })
        continue
      }
      const { adopted, gitPaths } = await adoptVersion(place, version, aliases)
      result.models.push(adopted)
      result.gitPaths.push(...gitPaths)
    } catch (error) {
      if (isOfAll(error, place.options)) throw error
      const name = `${model.name}/${version.version}`
      const failure = failureOf(error, name)
      const where =
        error instanceof ArtError && error.path !== undefined && error.path !== name ? ` (${error.path})` : ''
      result.failed.push({ ...failure, message: `${failure.message}${where}` })
    }
  }
}

/** A version that is here: taken over before, or one that this repository pushed. */
async function presentOf(
  { repo, model }: Adopting,
  version: ModelVersion,
  known: KnownVersions,
): Promise<MlflowAdopted | undefined> {
  const common = { registered: { model: version.name, version: version.version }, model, version: versionFrom(version) }
  const here = known.find(version)
  if (here !== undefined) return { ...common, ...here, state: 'unchanged', aliases: [] }
  if (version.tags.get('art.repo') !== repo.repoId) return undefined
  const own = version.tags.get('art.model') ?? model
  return { ...common, model: own, path: version.tags.get('art.path') ?? '', state: 'ours', aliases: [] }
}

async function enter(repo: Repo, result: MlflowPullResult): Promise<void> {
  const paths = new Map<string, string>()
  const latest = [...result.models].sort((a, b) => compareVersions(a.version, b.version))
  for (const { model, path, state } of latest) if (state === 'adopted' || state === 'reference') paths.set(model, path)
  // Of one that was cut short before its entry was made.
  for (const { model, path, state } of latest) if (state === 'unchanged' && !paths.has(model)) paths.set(model, path)
  if (await ensureModelEntries(repo, paths)) result.gitPaths.push(MODELS_FILE)
  const references = result.models.filter(({ state }) => state === 'reference').map(({ path }) => pointerPathFor(path))
  result.gitPaths = [...new Set([...result.gitPaths, ...references])]
  Object.assign(result, await stageForUser(repo, result.gitPaths))
}

function isOfAll(error: unknown, { signal }: MlflowPullOptions): boolean {
  return signal?.aborted === true || OF_ALL.some((code) => isArtError(error, code))
}
