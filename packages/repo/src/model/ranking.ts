import { ArtError } from '@art/core'
import { closest } from '../config/suggest.ts'
import type { ComparedModel, FactValue, Figure } from '../view-api.ts'
import { type Direction, directionOf } from './direction.ts'

/** What people look at first, where nobody says what to sort by; else the metric that most models have. */
const PREFERRED =
  'val_acc val_accuracy best_val_acc best_acc best_accuracy acc accuracy top1 val_f1 f1 val_auc auc val_map map val_loss best_loss loss'.split(
    ' ',
  )

export interface Order {
  by: string | null
  direction: Direction
}

/** What to sort by, and which end is the best. Fails with `USAGE` for what none of the models has. */
export function orderOf(models: readonly ComparedModel[], by?: string, direction?: Direction): Order {
  const counts = new Map<string, number>()
  for (const { metrics } of models)
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1)
  if (by !== undefined) {
    if (models.length > 0 && models.every((model) => sortValue(model, by) === undefined))
      throw unknown(by, [...counts.keys()])
    return { by, direction: direction ?? (by === 'name' ? 'lowest' : directionOf(by)) }
  }
  const chosen = chosenMetric(counts) ?? null
  return { by: chosen, direction: direction ?? (chosen === null ? 'highest' : directionOf(chosen)) }
}

/** Of metrics, by how many models have each. */
export function chosenMetric(counts: ReadonlyMap<string, number>): string | undefined {
  const common = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
  return PREFERRED.find((name) => counts.has(name)) ?? common
}

function unknown(by: string, metrics: readonly string[]): ArtError {
  const near = closest(by, metrics)
  const known = [...metrics].sort().join(', ')
  return new ArtError('USAGE', `none of the models has ${JSON.stringify(by)}`, {
    hint:
      near === undefined ? (known === '' ? 'They have no metrics.' : `They have: ${known}.`) : `Did you mean ${near}?`,
  })
}

/** The best first; what has no value, or none that can be compared, comes last; then the latest epoch, then the name. */
export function ranked(models: readonly ComparedModel[], { by, direction }: Order): ComparedModel[] {
  const sign = direction === 'highest' ? -1 : 1
  const keyed = models.map((model) => ({ model, value: by === null ? undefined : sortValue(model, by) }))
  keyed.sort(
    (a, b) =>
      sign * compareKnown(a.value, b.value, sign) ||
      (b.model.epoch ?? -1) - (a.model.epoch ?? -1) ||
      order(a.model.name, b.model.name),
  )
  return keyed.map(({ model }) => model)
}

function compareKnown(a: number | string | undefined, b: number | string | undefined, sign: number): number {
  if (a === undefined || b === undefined) return sign * (Number(a === undefined) - Number(b === undefined))
  if (typeof a === 'number' && typeof b === 'number') return a - b || 0
  return order(String(a), String(b))
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A metric, or what is called `epoch`, `step`, `parameters`, `size`, `name`, `config.x`. NaN counts as none. */
function sortValue(model: ComparedModel, by: string): number | string | undefined {
  if (Object.hasOwn(model.metrics, by)) return numeric(model.metrics[by]!)
  if (by.startsWith('config.')) {
    const key = by.slice('config.'.length)
    return Object.hasOwn(model.config, key) ? scalar(model.config[key]!) : undefined
  }
  if (by === 'name') return model.name
  if (by === 'epoch') return model.epoch ?? undefined
  return by === 'step' || by === 'parameters' || by === 'size' ? model[by] : undefined
}

function numeric(value: Figure): number | undefined {
  if (typeof value === 'number') return value
  return value === 'inf' ? Number.POSITIVE_INFINITY : value === '-inf' ? Number.NEGATIVE_INFINITY : undefined
}

function scalar(value: FactValue): number | string {
  return typeof value === 'number' ? value : String(value)
}

/** Keys of the configuration that are not the same in all models, in the order in which they occur. */
export function differingKeys(models: readonly ComparedModel[]): string[] {
  const values = new Map<string, { count: number; texts: Set<string> }>()
  for (const { config } of models) {
    for (const [key, value] of Object.entries(config)) {
      const known = values.get(key) ?? { count: 0, texts: new Set() }
      known.count++
      known.texts.add(JSON.stringify(value))
      values.set(key, known)
    }
  }
  return [...values].filter(([, { count, texts }]) => texts.size > 1 || count < models.length).map(([key]) => key)
}
