import { isModelName } from '../tag/name.ts'

/** Longest key of a metric, param or tag: `mlflow/utils/validation.py`. */
const MAX_KEY = 250

/**
 * A name of a metric or param as every MLflow 2 and 3 takes it: letters, digits, `_`, `-`, `.`, space, and `/` between parts that are not `.` or `..`.
 * Anything else becomes `_`.
 */
export function metricName(name: string): string {
  const clean = name.replaceAll(/[^A-Za-z0-9_\-./ ]/g, '_').slice(0, MAX_KEY)
  const parts = clean.split('/').filter((part) => part !== '')
  return parts.map((part) => (/^\.+$/.test(part) ? part.replaceAll('.', '_') : part)).join('/') || '_'
}

/** The entries of a record under names that MLflow takes, each once; of two that become the same the first stays. */
export function withMetricNames<T>(record: Readonly<Record<string, T>>): Map<string, T> {
  const renamed = new Map<string, T>()
  for (const [name, value] of Object.entries(record)) {
    const key = metricName(name)
    if (!renamed.has(key)) renamed.set(key, value)
  }
  return renamed
}

/** The alias of a stage: no `/`, and not what MLflow keeps for itself (`latest`, `v1`). */
export function aliasOf(stage: string): string {
  const alias = stage.replaceAll(/[^\w-]/g, '-').slice(0, MAX_KEY)
  return /^(?:v\d+|latest)$/i.test(alias) ? `stage-${alias}` : alias
}

/** The name of a registered model, which may hold no `/`. */
export function registeredName(model: string): string {
  return model.replaceAll('/', '.')
}

/** The name that a registered model gets here, such that tags can carry it; undefined where nothing of it is left. */
export function modelNameFrom(registered: string): string | undefined {
  const name = registered
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^[-_]+|[-_]+$/g, '')
    .slice(0, 100)
    .replace(/[-_]+$/, '')
  return isModelName(name) ? name : undefined
}
