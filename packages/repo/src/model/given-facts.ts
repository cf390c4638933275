import type { Pointer } from '@art/core/pointer/pointer.ts'
import type { YamlMap } from '@art/core/yaml/plain.ts'
import type { GivenFacts } from '../api.ts'
import { configEntries, figures, withinBounds } from './read-block.ts'

const DEPTH = 4

/** What people said of an artifact. Whatever is not as art writes it is passed over, and no more is taken than art writes. */
export function givenFacts({ metrics, meta, desc, labels }: Pick<Pointer, 'metrics' | 'meta' | 'desc' | 'labels'>): {
  facts: GivenFacts
  untold: number
} {
  const take = withinBounds()
  const text = desc === undefined || !take.fits(['desc', desc]) ? {} : { desc }
  const named = figures(metrics ?? []).filter(take.fits)
  const others = meta === undefined ? [] : [...flat(meta, '', 0)].filter(take.fits)
  const words = (labels ?? []).filter((label) => take.fits(['', label]))
  const facts = { metrics: Object.fromEntries(named), meta: Object.fromEntries(others), ...text, labels: words }
  return { facts, untold: take.untold() }
}

/** Undefined where nothing was said. */
export function givenOf(pointer: Parameters<typeof givenFacts>[0]): GivenFacts | undefined {
  const { metrics, meta, desc, labels } = pointer
  if (metrics === undefined && meta === undefined && desc === undefined && labels === undefined) return undefined
  return givenFacts(pointer).facts
}

/** Metrics of a file, and those that people give, who have the last word. */
export function withGiven<V>(
  metrics: Record<string, V>,
  given: GivenFacts | undefined,
): Record<string, V | string | number> {
  return given === undefined ? metrics : { ...metrics, ...given.metrics }
}

/** `a: {b: 1}`, as people write it, is `a.b`. */
function* flat(map: YamlMap, prefix: string, depth: number): Generator<ReturnType<typeof configEntries>[number]> {
  for (const [key, value] of map) {
    if (!(value instanceof Map)) yield* configEntries(prefix + key, value)
    else if (depth < DEPTH) yield* flat(value, `${prefix}${key}.`, depth + 1)
  }
}
