import type { CheckpointFacts } from '@art/repo/api.ts'
import { escapeText } from './escape.ts'

/** `11.7M`, `4.73k`: parameters as papers count them. */
export function formatParameters(count: number): string {
  const units = ['', 'k', 'M', 'B', 'T']
  let value = count
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)}${units[unit]}`
}

/** At most six significant digits: a float32 that was made a double has no more. */
export function formatMetric(value: number | string): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : escapeText(value)
}

/** `epoch 41`, `val_acc 0.915`, …: in the order of the pointer. */
export function figuresOf({ epoch, step, metrics }: Pick<CheckpointFacts, 'epoch' | 'step' | 'metrics'>): string[] {
  const progress = epoch === undefined ? (step === undefined ? [] : [`step ${step}`]) : [`epoch ${epoch}`]
  const named = Object.entries(metrics).map(([name, value]) => `${escapeText(name)} ${formatMetric(value)}`)
  return [...progress, ...named]
}
