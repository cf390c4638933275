import type { ReleaseRecord } from '../files/record.ts'
import { aboutTags } from './about.ts'
import { registeredName, withMetricNames } from './names.ts'
import type { Metric } from './run.ts'

/** A release as MLflow is to have it. */
export interface ReleaseRun {
  experiment: string
  runName: string
  model: string
  description: string | undefined
  /** When it was released; milliseconds since 1970. */
  time: number
  params: Map<string, string>
  metrics: Map<string, Metric>
  /** Of the run and of the model version. */
  tags: Map<string, string>
  /** The tags by which it is found again: they are of this release of this repository, and never change. */
  known: Map<string, string>
}

/** What MLflow 3 keeps of a param's value, and of a tag's on a run: `mlflow/utils/validation.py`. */
const MAX_PARAM = 6000
const MAX_TAG = 5000

/** What the registry says of a release, in MLflow's words. `repo`: 32 hex digits, the same in every clone. */
export function releaseRun(
  record: ReleaseRecord,
  { repo, experiment }: { repo: string; experiment?: string | undefined },
): ReleaseRun {
  const { model, version, tag, oid, entry, facts } = record
  const known = new Map([
    ['art.repo', repo],
    ['art.tag', tag],
    ['art.oid', `sha256:${oid}`],
  ])
  return {
    experiment: experiment ?? entry.experiment ?? entry.title ?? model,
    runName: `${model} ${version}`,
    model: registeredName(model),
    description: facts.desc ?? entry.notes,
    time: Date.parse(record.created),
    params: paramsOf(record),
    metrics: metricsOf(record),
    tags: new Map([...known, ...tagsOf(record)]),
    known,
  }
}

function paramsOf({ entry, facts }: ReleaseRecord): Map<string, string> {
  const config = Object.fromEntries(
    Object.entries(facts.config).map(([key, value]) => [
      key,
      Array.isArray(value) ? JSON.stringify(value) : String(value),
    ]),
  )
  const about = Object.entries({
    dataset: entry.dataset,
    task: entry.task,
    parameters: facts.parameters,
    epoch: facts.epoch,
  }).flatMap(([key, value]) => (value === undefined || Object.hasOwn(config, key) ? [] : [[key, String(value)]]))
  const params = withMetricNames<string>({ ...config, ...(Object.fromEntries(about) as Record<string, string>) })
  return new Map([...params].map(([key, value]) => [key, value.slice(0, MAX_PARAM)]))
}

const NOT_FINITE: Readonly<Record<string, string>> = { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' }

function metricsOf({ facts }: ReleaseRecord): Map<string, Metric> {
  const at = facts.epoch ?? facts.step ?? 0
  // MLflow counts steps in whole numbers of 64 bits.
  const step = Number.isSafeInteger(at) ? at : Math.trunc(at) || 0
  const metrics = new Map<string, Metric>()
  for (const [key, value] of withMetricNames(facts.metrics)) {
    const spelled = typeof value === 'number' ? value : NOT_FINITE[value]
    if (spelled !== undefined) metrics.set(key, { value: spelled, step })
  }
  return metrics
}

function tagsOf(record: ReleaseRecord): Map<string, string> {
  const { facts, entry } = record
  const tags = new Map<string, string>()
  const all = {
    'art.model': record.model,
    'art.version': record.version,
    'art.commit': record.commit,
    'art.path': record.path,
    'art.kind': record.kind === 'd' ? 'directory' : 'file',
    'art.size': String(record.size),
    'art.weights': record.weights,
    'art.status': record.status,
    'art.author': record.author,
    'art.format': facts.format,
    ...aboutTags(entry),
    'art.labels': [...(entry.labels ?? []), ...(facts.labels ?? [])].join(', ') || undefined,
    // As MLflow's own clients name them, so that its UI shows them where it shows theirs.
    'mlflow.source.git.commit': record.commit,
    'mlflow.user': /^[^<]*/.exec(record.author)?.[0].trim() || undefined,
  }
  for (const [key, value] of Object.entries(all)) if (value !== undefined) tags.set(key, value.slice(0, MAX_TAG))
  for (const [key, value] of Object.entries(facts.meta ?? {})) {
    const name = `art.meta.${key}`.slice(0, 250).replaceAll(/[^A-Za-z0-9_\-./ ]/g, '_')
    tags.set(name, String(value).slice(0, MAX_TAG))
  }
  return tags
}
