import { BLOCK_BYTES, BLOCK_KEYS } from '@art/checkpoint/facts/bounds.ts'
import { isSecret } from '@art/checkpoint/facts/secret.ts'
import { parseVersion, type Version } from '../version/version.ts'
import type { ModelVersion } from './registered-model.ts'
import type { Metric, Run } from './run.ts'

/** What a pointer shall say of a model version that comes from MLflow. */
export interface AdoptedFacts {
  /** `nan`, `inf` and `-inf` are texts. */
  metrics: Record<string, number | string>
  meta: Record<string, string | number | boolean>
  desc?: string
}

/** Where art notes in a pointer what it is of. */
export const ORIGIN = {
  model: 'mlflow_model',
  experiment: 'mlflow_experiment',
  version: 'mlflow_version',
  run: 'mlflow_run',
  artifact: 'mlflow_artifact',
} as const

/** What is adopted, as a pointer says it: a version of a registered model, or an artifact of a run. */
export type AdoptedOrigin = Record<string, string | number>

export function versionOrigin({ name, version, run }: ModelVersion): AdoptedOrigin {
  return {
    [ORIGIN.model]: name,
    [ORIGIN.version]: Number(version),
    ...(run === undefined ? {} : { [ORIGIN.run]: run }),
  }
}

/** `number`: of the version that it becomes here, `0.0.N`. */
export function runOrigin(run: Run, experiment: string, artifact: string, number: number | undefined): AdoptedOrigin {
  return {
    [ORIGIN.experiment]: experiment.slice(0, TEXT_MAX),
    ...(number === undefined ? {} : { [ORIGIN.version]: number }),
    [ORIGIN.run]: run.id,
    [ORIGIN.artifact]: artifact,
  }
}

/** What tells one adopted thing from another; undefined for what does not come from MLflow. The run tells versions of two servers apart. */
export function originKey(meta: ReadonlyMap<string, unknown> | undefined): string | undefined {
  const text = (key: string): string | null => {
    const value = meta?.get(key)
    return value === undefined ? null : String(value)
  }
  const [name, version, run] = [text(ORIGIN.model), text(ORIGIN.version), text(ORIGIN.run)]
  if (name !== null) return version === null ? undefined : JSON.stringify([name, version, run])
  const artifact = text(ORIGIN.artifact)
  return run === null || artifact === null ? undefined : JSON.stringify([run, artifact])
}

const NAME_MAX = 100
const TEXT_MAX = 200
const DESC_MAX = 1000
/** Room for the lines around names and values. */
const LINE = 6

/** The version that art pushed, or else `0.0.N`. */
export function versionFrom({ version, tags }: ModelVersion): Version {
  return parseVersion(tags.get('art.version') ?? '') ?? `0.0.${version}`
}

/**
 * Metrics, params and description, as far as a pointer has room for them: metrics first. What looks like a secret is left out, and so are
 * MLflow's figures of the machine.
 */
export function factsFrom(
  origin: AdoptedOrigin,
  { description, run }: { description: string | undefined; run: Run | undefined },
): { facts: AdoptedFacts; leftOut: number } {
  const meta: AdoptedFacts['meta'] = { ...origin }
  const room = roomBeside(meta)
  const desc = description?.slice(0, DESC_MAX).replaceAll(/[\p{Cs}\0]/gu, '')
  const hasDesc = desc !== undefined && desc.trim() !== '' && !isSecret('text', desc) && room.takes('desc', desc)
  const metrics: AdoptedFacts['metrics'] = {}
  const steps = [...(run?.metrics ?? [])].filter(([name]) => !name.startsWith('system/'))
  for (const [name, metric] of steps) {
    const value = figureOf(metric)
    if (value !== undefined && room.takes(name, value)) setOwn(metrics, name, value)
  }
  const step = steps.reduce((most, [, { step: at }]) => Math.max(most, at), 0)
  const others: [string, string | number | boolean][] = [
    ...(step > 0 ? [['epoch', step] as [string, number]] : []),
    ...[...(run?.params ?? [])].map(([name, text]): [string, string | number | boolean] => [name, scalarOf(text)]),
  ]
  for (const [name, value] of others) {
    if (Object.hasOwn(meta, name) || isSecret(name, value)) continue
    if (room.takes(name, value)) setOwn(meta, name, value)
  }
  return { facts: { metrics, meta, ...(hasDesc ? { desc } : {}) }, leftOut: room.leftOut() }
}

function roomBeside(meta: AdoptedFacts['meta']): {
  takes(name: string, value: string | number | boolean): boolean
  leftOut(): number
} {
  // The names of the maps take some.
  let [keys, bytes, left] = [BLOCK_KEYS, BLOCK_BYTES - 100, 0]
  const pay = (name: string, value: string | number | boolean): boolean => {
    const cost = Buffer.byteLength(JSON.stringify(name)) + Buffer.byteLength(JSON.stringify(String(value))) + LINE
    if (keys < 1 || cost > bytes) return false
    keys--
    bytes -= cost
    return true
  }
  for (const [name, value] of Object.entries(meta)) pay(name, value)
  return {
    takes(name, value) {
      if (isWritable(name) && isWritableValue(value) && pay(name, value)) return true
      left++
      return false
    },
    leftOut: () => left,
  }
}

function isWritable(name: string): boolean {
  if (name === '<<' || name === '__proto__' || name === '' || name.trim() !== name) return false
  return name.length <= NAME_MAX && !/[\p{Cc}\p{Cs}]/u.test(name)
}

function isWritableValue(value: string | number | boolean): boolean {
  return typeof value !== 'string' || (value.length <= DESC_MAX && !/[\p{Cs}\0]/u.test(value))
}

/** MLflow writes what is no number as texts, and its SQL store infinity as the largest number. */
function figureOf({ value }: Metric): number | string | undefined {
  if (value === 'NaN') return 'nan'
  if (value === 'Infinity' || value === Number.MAX_VALUE) return 'inf'
  if (value === '-Infinity' || value === -Number.MAX_VALUE) return '-inf'
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Params are texts; one that a number or a truth value would be written as is that. */
function scalarOf(text: string): string | number | boolean {
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  const number = Number(text)
  return text !== '' && String(number) === text && Number.isFinite(number) ? number : text.slice(0, TEXT_MAX)
}

function setOwn<T>(record: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true })
}
