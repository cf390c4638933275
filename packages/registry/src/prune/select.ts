import { groupBy } from './series.ts'

/** Why a checkpoint stays, whatever its metric says. */
export type HoldKind =
  | 'released'
  | 'staged'
  | 'named'
  | 'resume'
  | 'archived'
  | 'modified'
  | 'uncached'
  | 'uncommitted'
  | 'shared'
  | 'unranked'

export interface Hold {
  by: HoldKind | 'best' | 'last'
  /** Place among the best, a tag, a stage, a model, a path. */
  detail?: string
}

export interface Candidate {
  path: string
  /** Kind and oid: what is equal is one content. */
  content: string
  /** Of one training: they are ranked among themselves. */
  series: string
  /** The metric; NaN for one that diverged, undefined where it has none. */
  value: number | undefined
  holds: readonly Hold[]
}

export interface Rule {
  keepBest: number
  keepLast: number
  direction: 'highest' | 'lowest'
}

export interface Selection<C extends Candidate> {
  gone: C[]
  kept: { candidate: C; reasons: Hold[] }[]
}

/**
 * What a rule deletes of checkpoints, which come newest first. Of each series the `keepBest` best and the `keepLast` newest stay, and whatever is held; held
 * ones take places like any other. What is equal ranks by age, the newest first; NaN comes last; what has no metric stays where a rank decides. A content
 * stays with the last one that has it.
 */
export function select<C extends Candidate>(candidates: readonly C[], rule: Rule): Selection<C> {
  const reasons = new Map<C, Hold[]>(candidates.map((candidate) => [candidate, [...candidate.holds]]))
  for (const series of groupBy(candidates, (candidate) => candidate.series)) {
    for (const [place, candidate] of ranked(series, rule.direction).slice(0, rule.keepBest).entries())
      reasons.get(candidate)!.push({ by: 'best', detail: String(place + 1) })
    for (const candidate of series.slice(0, rule.keepLast)) reasons.get(candidate)!.push({ by: 'last' })
    if (rule.keepBest === 0) continue
    for (const candidate of series) if (candidate.value === undefined) reasons.get(candidate)!.push({ by: 'unranked' })
  }
  const owners = new Map<string, string>()
  for (const [{ content, path }, some] of reasons)
    if (some.length > 0 && !owners.has(content)) owners.set(content, path)
  for (const [{ content }, some] of reasons) {
    const owner = owners.get(content)
    if (some.length === 0 && owner !== undefined) some.push({ by: 'shared', detail: owner })
  }
  return {
    gone: candidates.filter((candidate) => reasons.get(candidate)!.length === 0),
    kept: candidates.flatMap((candidate) => {
      const some = reasons.get(candidate)!
      return some.length === 0 ? [] : [{ candidate, reasons: some }]
    }),
  }
}

/** The best first; a stable sort leaves what is equal in the order of age. */
function ranked<C extends Candidate>(series: readonly C[], direction: Rule['direction']): C[] {
  const known = series.filter((candidate): candidate is C & { value: number } => candidate.value !== undefined)
  return known.sort((a, b) => compareValues(a.value, b.value, direction === 'highest' ? -1 : 1))
}

function compareValues(a: number, b: number, sign: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a === b ? 0 : a < b ? -sign : sign
}
