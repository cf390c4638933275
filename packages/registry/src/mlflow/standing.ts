import type { Client } from './client.ts'
import { experimentName, findExperiment } from './experiment.ts'
import { deleteVersion, findVersions, type ModelVersion } from './registered-model.ts'
import type { ReleaseRun } from './release-run.ts'
import { deleteRun, findRuns, getRun, restoreRun, type Run } from './run.ts'

/** What MLflow has of a release. */
export interface Standing {
  version: ModelVersion
  run: Run
}

/**
 * The version and the run that stand for a release, when two pushes at once have made some each. MLflow takes any number of runs with the same tags, but
 * it counts the versions of a model and gives no number twice, not even of one that was deleted: whoever looks after it has made its own sees every lower
 * one. So the lowest that has a run is it, for everybody, and what the other pushes made is deleted. A push makes its version last, so the run is whole.
 */
export async function settle(
  client: Client,
  { model, known }: Pick<ReleaseRun, 'model' | 'known'>,
): Promise<Standing | undefined> {
  let standing: Standing | undefined
  const runs: Run[] = []
  for (const version of await findVersions(client, model, known)) {
    const run = version.run === undefined ? undefined : await getRun(client, version.run)
    if (run !== undefined) runs.push(run)
    if (standing === undefined && run !== undefined) standing = { version, run }
    else await deleteVersion(client, version)
  }
  if (standing === undefined) return undefined
  const { run } = standing
  if (run.isDeleted) await restore(client, run)
  runs.push(...(await findRuns(client, run.experiment, known)))
  const others = runs.filter(({ id, isDeleted, tags }) => id !== run.id && !isDeleted && hasAll(tags, known))
  for (const id of new Set(others.map((other) => other.id))) await deleteRun(client, id)
  return standing
}

/** A run that a person has deleted is wanted again. Fails with `REMOTE_REFUSED` where its experiment is deleted with it. */
async function restore(client: Client, { id, experiment }: Run): Promise<void> {
  const name = await experimentName(client, experiment)
  if (name !== undefined) await findExperiment(client, name)
  await restoreRun(client, id)
}

function hasAll(tags: ReadonlyMap<string, string>, known: ReadonlyMap<string, string>): boolean {
  return [...known].every(([key, value]) => tags.get(key) === value)
}
