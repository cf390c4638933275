import { ArtError } from '@art/core'
import type { Client } from './client.ts'
import { findOrMake } from './find-or-make.ts'
import { type Json, fieldOf, listOf, numberOf, pairsOf, textOf } from './json.ts'
import { shownAddress } from './server.ts'

/** A run, as far as art needs it. */
export interface Run {
  id: string
  experiment: string
  name: string | undefined
  /** `RUNNING`, `FINISHED`, `FAILED`, … */
  status: string | undefined
  /** It is in the bin. */
  isDeleted: boolean
  artifactUri: string
  /** Milliseconds since 1970. */
  startTime: number | undefined
  tags: Map<string, string>
  params: Map<string, string>
  /** The last value of each. */
  metrics: Map<string, Metric>
  /** Ids of models that MLflow 3 has logged for it. */
  models: { id: string; step: number }[]
}

export interface Metric {
  /** `NaN`, `Infinity` and `-Infinity` are texts, as protobuf's JSON has them. */
  value: number | string
  step: number
}

/** What one request of `log-batch` may hold: `mlflow/utils/validation.py`. */
const MAX_PAIRS = 100
const MAX_METRICS = 1000

const RUNS_PAGE = 200
/** More are no runs whose models a person wants to have released. */
const MAX_RUNS = 5000

export function runFrom(json: Json): Run | undefined {
  const id = textOf(json, 'info', 'run_id')
  const artifactUri = textOf(json, 'info', 'artifact_uri')
  if (id === undefined || artifactUri === undefined) return undefined
  const metrics = new Map<string, Metric>()
  for (const metric of listOf(json, 'data', 'metrics')) {
    const key = textOf(metric, 'key')
    const value = fieldOf(metric, 'value')
    if (key === undefined || (typeof value !== 'number' && typeof value !== 'string')) continue
    metrics.set(key, { value, step: numberOf(metric, 'step') ?? 0 })
  }
  return {
    id,
    artifactUri,
    metrics,
    experiment: textOf(json, 'info', 'experiment_id') ?? '',
    name: textOf(json, 'info', 'run_name'),
    status: textOf(json, 'info', 'status'),
    isDeleted: textOf(json, 'info', 'lifecycle_stage') === 'deleted',
    startTime: numberOf(json, 'info', 'start_time'),
    tags: pairsOf(json, 'data', 'tags'),
    params: pairsOf(json, 'data', 'params'),
    models: listOf(json, 'outputs', 'model_outputs').flatMap((model) => {
      const logged = textOf(model, 'model_id')
      return logged === undefined ? [] : [{ id: logged, step: numberOf(model, 'step') ?? 0 }]
    }),
  }
}

/** Undefined where the run was deleted for good, or never was. */
export async function getRun(client: Client, id: string): Promise<Run | undefined> {
  const answer = await client.call({
    path: 'api/2.0/mlflow/runs/get',
    query: { run_id: id },
    what: 'tell about a run',
    unless: ['RESOURCE_DOES_NOT_EXIST', 'INVALID_PARAMETER_VALUE'],
  })
  return answer === undefined ? undefined : runFrom(fieldOf(answer, 'run'))
}

/** The runs of an experiment that have all these tags, whose values hold no quotes, the oldest first. */
export async function findRuns(client: Client, experiment: string, tags: ReadonlyMap<string, string>): Promise<Run[]> {
  const answer = await client.call({
    path: 'api/2.0/mlflow/runs/search',
    body: {
      experiment_ids: [experiment],
      filter: filterOf(tags),
      order_by: ['attributes.start_time ASC'],
      max_results: RUNS_PAGE,
      run_view_type: 'ACTIVE_ONLY',
    },
    what: 'look for a run',
  })
  return listOf(answer, 'runs')
    .map(runFrom)
    .filter((run) => run !== undefined)
}

/** Every finished run of an experiment, the oldest first. */
export async function finishedRuns(client: Client, experiment: string): Promise<Run[]> {
  const runs = new Map<string, Run>()
  for (let token: string | undefined = ''; token !== undefined; ) {
    const before = runs.size
    const answer: Json = await client.call({
      path: 'api/2.0/mlflow/runs/search',
      body: {
        experiment_ids: [experiment],
        filter: "attributes.status = 'FINISHED'",
        order_by: ['attributes.start_time ASC'],
        max_results: RUNS_PAGE,
        run_view_type: 'ACTIVE_ONLY',
        ...(token === '' ? {} : { page_token: token }),
      },
      what: 'list runs',
    })
    for (const run of listOf(answer, 'runs').map(runFrom)) if (run !== undefined) runs.set(run.id, run)
    token = textOf(answer, 'next_page_token') || undefined
    if (token === undefined || (runs.size > before && runs.size <= MAX_RUNS)) continue
    throw new ArtError('REMOTE_REFUSED', `MLflow's list of runs does not end (${runs.size} so far)`, {
      path: shownAddress(client.server),
      hint: 'Name the runs that you want with --run.',
    })
  }
  return [...runs.values()]
}

export function filterOf(tags: ReadonlyMap<string, string>): string {
  return [...tags].map(([key, value]) => `tags.\`${key}\` = '${value.replaceAll("'", '')}'`).join(' and ')
}

/** The first run that has the tags in `known`; it is made, with all of `tags`, where there is none. */
export async function ensureRun(
  client: Client,
  wanted: { experiment: string; name: string; startTime: number; tags: ReadonlyMap<string, string> },
  known: ReadonlyMap<string, string>,
): Promise<Run> {
  const { experiment, name, startTime, tags } = wanted
  return await findOrMake(
    client,
    async () => (await findRuns(client, experiment, known))[0],
    async () => {
      const answer = await client.call({
        path: 'api/2.0/mlflow/runs/create',
        body: { experiment_id: experiment, run_name: name, start_time: startTime, tags: pairs(tags) },
        what: 'make a run',
        once: true,
      })
      return runFrom(fieldOf(answer, 'run'))
    },
  )
}

/** `mlflow gc` removes it for good. */
export async function deleteRun(client: Client, id: string): Promise<void> {
  await client.call({
    path: 'api/2.0/mlflow/runs/delete',
    body: { run_id: id },
    what: 'delete a run',
    unless: ['RESOURCE_DOES_NOT_EXIST'],
  })
}

export async function restoreRun(client: Client, id: string): Promise<void> {
  await client.call({ path: 'api/2.0/mlflow/runs/restore', body: { run_id: id }, what: 'restore a run' })
}

/** Writes what a run lacks, and tells how much that was. Params cannot be changed: those that are there stay. */
export async function logBatch(
  client: Client,
  run: Run,
  {
    metrics,
    params,
    tags,
    timestamp,
  }: {
    metrics: ReadonlyMap<string, Metric>
    params: ReadonlyMap<string, string>
    tags: ReadonlyMap<string, string>
    timestamp: number
  },
): Promise<number> {
  const lacking = {
    metrics: [...metrics]
      .filter(([key, metric]) => !isSame(run.metrics.get(key), metric))
      .map(([key, { value, step }]) => ({ key, value, step, timestamp })),
    params: pairs(params).filter(({ key }) => !run.params.has(key)),
    tags: pairs(tags).filter(({ key, value }) => run.tags.get(key) !== value),
  }
  const batches = Math.max(
    Math.ceil(lacking.metrics.length / (MAX_METRICS - 2 * MAX_PAIRS)),
    Math.ceil(lacking.params.length / MAX_PAIRS),
    Math.ceil(lacking.tags.length / MAX_PAIRS),
  )
  const part = <T>(list: readonly T[], i: number, size: number): T[] => list.slice(i * size, (i + 1) * size)
  for (let i = 0; i < batches; i++) {
    await client.call({
      path: 'api/2.0/mlflow/runs/log-batch',
      body: {
        run_id: run.id,
        metrics: part(lacking.metrics, i, MAX_METRICS - 2 * MAX_PAIRS),
        params: part(lacking.params, i, MAX_PAIRS),
        tags: part(lacking.tags, i, MAX_PAIRS),
      },
      what: 'take the figures of a run',
    })
  }
  return lacking.metrics.length + lacking.params.length + lacking.tags.length
}

/** The SQL store keeps infinity as the largest number there is. */
function isSame(there: Metric | undefined, { value, step }: Metric): boolean {
  if (there === undefined || there.step !== step) return false
  const kept = value === 'Infinity' ? Number.MAX_VALUE : value === '-Infinity' ? -Number.MAX_VALUE : value
  return there.value === value || there.value === kept
}

export async function finishRun(client: Client, run: Run, endTime: number): Promise<void> {
  await client.call({
    path: 'api/2.0/mlflow/runs/update',
    body: { run_id: run.id, status: 'FINISHED', end_time: endTime },
    what: 'finish a run',
  })
}

export function pairs(map: ReadonlyMap<string, string>): { key: string; value: string }[] {
  return [...map].map(([key, value]) => ({ key, value }))
}
