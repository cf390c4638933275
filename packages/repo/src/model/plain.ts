import type { Fact, Scalar } from '@art/checkpoint/facts/fact.ts'
import type { FactValue, Figure } from '../view-api.ts'

/** JSON has no infinity and no NaN. */
export function figure(value: number): Figure {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}

export function factValue(fact: Fact): FactValue {
  return Array.isArray(fact) ? (fact as readonly Scalar[]).map(scalarValue) : scalarValue(fact as Scalar)
}

function scalarValue(scalar: Scalar): Scalar {
  return typeof scalar === 'number' ? figure(scalar) : scalar
}

/** Own properties whatever the names are: those of an object's prototype too. */
export function plainRecord<T, U>(map: ReadonlyMap<string, T>, to: (value: T) => U): Record<string, U> {
  return Object.fromEntries([...map].map(([key, value]) => [key, to(value)]))
}

/** Without what is not known. */
export function defined<T extends object>(some: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  for (const key in some) if (some[key] !== undefined) result[key] = some[key] as Exclude<T[typeof key], undefined>
  return result
}
