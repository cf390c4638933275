/** JSON has no infinity and no NaN, and YAML's own spellings of them are read by few: they are the texts `nan`, `inf` and `-inf`. */
export function spelled(value: number): number | string {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}

/** A metric as files have it: a number, or one that is spelled; undefined for all else. */
export function figureOf(value: unknown): number | string | undefined {
  if (typeof value === 'number') return spelled(value)
  return typeof value === 'string' && /^(?:nan|-?inf)$/.test(value) ? value : undefined
}
