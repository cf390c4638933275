import { ArtError } from '@art/core'
import { MODELS_FILE } from '@art/registry/models-file/models-file.ts'
import type { Client } from '@art/registry/mlflow/client.ts'
import { modelNameFrom } from '@art/registry/mlflow/names.ts'
import { getModel, listModels, type RegisteredModel, versionsOf } from '@art/registry/mlflow/registered-model.ts'
import { pointerPathFor } from '@art/core/pointer/name.ts'
import { compareVersions } from '@art/registry/version/version.ts'
import { withRemote } from '../exchange/open-store.ts'
import { stageForUser } from '../git/staging.ts'
import { adoptOne, isOfAll } from '../mlflow/adopt-one.ts'
import { adoptRuns } from '../mlflow/adopt-runs.ts'
import type { Adopting } from '../mlflow/adopt-version.ts'
import { registeredVersion } from '../mlflow/adoptable.ts'
import { assertCommittable } from '../mlflow/commit-adopted.ts'
import { type KnownVersions, knownVersions } from '../mlflow/known-versions.ts'
import { ensureModelEntries } from '../mlflow/models-entry.ts'
import { nextCommands } from '../mlflow/next-commands.ts'
import { openMlflow } from '../mlflow/open.ts'
import { releaseAdopted, unreleased } from '../mlflow/release-adopted.ts'
import type { Repo } from '../open.ts'
import type { MlflowAdopted, MlflowPullOptions, MlflowPullResult } from '../mlflow-api.ts'
import { openRegistry } from '../registry/open.ts'
import { failureOf } from '../target/find.ts'
import { assertInside, repoPath } from '../target/path.ts'

const READY = 'READY'

/**
 * Takes registered models of an MLflow server over, or the models of runs: each becomes an artifact with what MLflow knows of it in its pointer, each
 * model an entry of `models.yaml`; with `release` each version a release. What is here already, and what this repository pushed itself, is left as it
 * is. One version that fails does not hold up the others.
 */
export async function mlflowPull(
  repo: Repo,
  names: readonly string[],
  options: MlflowPullOptions = {},
): Promise<MlflowPullResult> {
  const ofRuns = options.runs !== undefined || options.experiment !== undefined
  assertUsage(names, ofRuns, options)
  const { client, server } = await openMlflow(repo, options)
  const dir = options.dir === undefined ? 'models' : repoPath(repo, options.dir)
  if (dir !== '') assertInside(repo, `${dir}/x`)
  const known = await knownVersions(repo)
  const release = options.release === true && options.dryRun !== true
  if (release) {
    await assertCommittable(repo, known)
    // Whether it is there, before anything is downloaded.
    await withRemote(repo, options, 'write', async () => undefined)
  }
  const nothing = {
    models: [],
    stages: [],
    commit: null,
    sent: null,
    next: [],
    gitPaths: [],
    staged: false,
    failed: [],
  }
  const result: MlflowPullResult = { server, ...nothing }
  if (options.dryRun) result.dryRun = true
  const place = { client, repo, options, dir }
  if (ofRuns) await adoptRuns(place, known, result)
  else await adoptModels(place, names, known, result)
  if (!options.dryRun) await enter(repo, result)
  if (release) await releaseAdopted(repo, result, options)
  else if (options.release) await foresee(repo, known, result)
  else result.next = nextCommands(result, known, names, options)
  return result
}

function assertUsage(names: readonly string[], ofRuns: boolean, { artifact, name }: MlflowPullOptions): void {
  if (ofRuns && names.length > 0) {
    throw new ArtError('USAGE', 'a registered model and a run are two things to pull', {
      path: names[0],
      hint: 'Pull them one after the other.',
    })
  }
  if (ofRuns || (artifact === undefined && name === undefined)) return
  throw new ArtError(
    'USAGE',
    `--${artifact === undefined ? 'name' : 'artifact'} says something of a run, and none is named`,
    {
      path: artifact ?? name,
      hint: 'Add --run <id> or --experiment <name>.',
    },
  )
}

/** Which tags there would be. */
async function foresee(repo: Repo, known: KnownVersions, { models }: MlflowPullResult): Promise<void> {
  const { formatOf } = await openRegistry(repo)
  for (const one of unreleased(models, known))
    one.release = { tag: formatOf(one.model).format(one.model, one.version), made: true }
}

async function adoptModels(
  place: Omit<Adopting, 'model'>,
  names: readonly string[],
  known: KnownVersions,
  result: MlflowPullResult,
): Promise<void> {
  for (const { name, model } of await namedModels(place.client, names, result)) {
    try {
      await adoptModel({ ...place, model: name }, model, known, result)
    } catch (error) {
      if (isOfAll(error, place.options)) throw error
      result.failed.push(failureOf(error, model.name))
    }
  }
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
    await adoptOne(place, registeredVersion(place.client, version), aliases, known, result)
  }
}

async function enter(repo: Repo, result: MlflowPullResult): Promise<void> {
  const chosen = new Map<string, MlflowAdopted>()
  const latest = [...result.models].sort((a, b) => compareVersions(a.version, b.version))
  for (const one of latest) if (one.state === 'adopted' || one.state === 'reference') chosen.set(one.model, one)
  // Of one that was cut short before its entry was made.
  for (const one of latest) if (one.state === 'unchanged' && !chosen.has(one.model)) chosen.set(one.model, one)
  const entries = [...chosen].map(([name, { path, about }]) => ({ ...about, name, path }))
  if (await ensureModelEntries(repo, entries)) result.gitPaths.push(MODELS_FILE)
  const references = result.models.filter(({ state }) => state === 'reference').map(({ path }) => pointerPathFor(path))
  result.gitPaths = [...new Set([...result.gitPaths, ...references])]
  Object.assign(result, await stageForUser(repo, result.gitPaths))
}
