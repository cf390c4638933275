import { ArtError } from '@art/core'
import { runOrigin } from '@art/registry/mlflow/adoption.ts'
import { experimentName, findExperiment } from '@art/registry/mlflow/experiment.ts'
import { modelNameFrom } from '@art/registry/mlflow/names.ts'
import { finishedRuns, getRun, type Run } from '@art/registry/mlflow/run.ts'
import { assertName } from '@art/registry/tag/name.ts'
import type { MlflowPullResult } from '../mlflow-api.ts'
import { failureOf } from '../target/find.ts'
import { adoptOne, isOfAll } from './adopt-one.ts'
import type { Adopting } from './adopt-version.ts'
import { loggedModel, runVersion } from './adoptable.ts'
import type { KnownVersions } from './known-versions.ts'

type Place = Omit<Adopting, 'model'>

/**
 * Adopts the models of runs, each as the next version `0.0.N` of a model that is called as their experiment is, unless art's tags tell its version.
 * Runs of an experiment that have none are passed over.
 */
export async function adoptRuns(place: Place, known: KnownVersions, result: MlflowPullResult): Promise<void> {
  const { client, options } = place
  const counted = new Map<string, number>()
  for (const { run, experiment, named } of await wantedRuns(place, result)) {
    options.signal?.throwIfAborted()
    try {
      const model = modelOf(experiment, options.name)
      const logged = await loggedModel(client, run, options.artifact)
      if (logged === undefined) {
        if (!named) continue
        throw new ArtError('NOT_FOUND', 'this run has logged no model', { path: run.id, hint: 'Name another run.' })
      }
      if (logged.others > 0) {
        const message = `run ${run.id} has logged ${logged.others + 1} models; its last one, ${logged.artifact}, is meant`
        options.onEvent?.({ type: 'warning', message })
      }
      const here = known.find(runOrigin(run, experiment, logged.artifact, undefined))
      const last = counted.get(model) ?? known.lastOf(experiment)
      const number = here?.number ?? nextNumber(model, last, known)
      if (here === undefined) counted.set(model, number)
      await adoptOne({ ...place, model }, runVersion(run, experiment, logged, number), [], known, result)
    } catch (error) {
      if (isOfAll(error, options)) throw error
      result.failed.push(failureOf(error, run.id))
    }
  }
}

function nextNumber(model: string, last: number, { released }: KnownVersions): number {
  let number = last + 1
  while (released.has(`${model}@0.0.${number}`)) number++
  return number
}

/** Those that are named one by one first, each once. */
async function wantedRuns(
  { client, options }: Place,
  { failed }: MlflowPullResult,
): Promise<{ run: Run; experiment: string; named: boolean }[]> {
  const found = new Map<string, { run: Run; experiment: string; named: boolean }>()
  for (const id of new Set(options.runs)) {
    const run = await getRun(client, id)
    const experiment = run && (await experimentName(client, run.experiment))
    if (run !== undefined && experiment !== undefined) found.set(run.id, { run, experiment, named: true })
    else failed.push(failureOf(new ArtError('NOT_FOUND', 'MLflow has no run of this id', { hint: RUN_HINT }), id))
  }
  const { experiment } = options
  if (experiment === undefined) return [...found.values()]
  const id = await findExperiment(client, experiment)
  if (id === undefined) throw new ArtError('NOT_FOUND', 'MLflow has no experiment of this name', { path: experiment })
  for (const run of await finishedRuns(client, id))
    if (!found.has(run.id)) found.set(run.id, { run, experiment, named: false })
  return [...found.values()]
}

const RUN_HINT =
  'It is in the address of its page, and has 32 digits and letters; runs of an experiment are meant by --experiment.'

function modelOf(experiment: string, given: string | undefined): string {
  if (given !== undefined) {
    assertName(given, 'model')
    return given
  }
  const name = modelNameFrom(experiment)
  if (name !== undefined) return name
  throw new ArtError('USAGE', 'nothing of the name of its experiment can be the name of a model here', {
    path: experiment,
    hint: 'Give one with --name.',
  })
}
