import { type CallOptions, isArtError } from '@art/core'
import type { DecidingMetric, MetricValue, ReleaseRecord } from '@art/registry/files/record.ts'
import { parseRequirement, type Operator, type Requirement } from '../config/requirement.ts'
import { closest } from '../config/suggest.ts'
import { cloudStates } from '../exchange/cloud.ts'
import { directionOf } from '../model/direction.ts'
import { shellWord } from '../shell-word.ts'
import type { JudgedRequirement } from '../stage-api.ts'
import type { Session } from '../workspace/session.ts'
import { verdictOf } from './verdict.ts'

/** What a stage is asked for, and what has it. */
export interface Candidate {
  record: ReleaseRecord
  stage: string
  /** The version that has the stage; undefined where none has. */
  current: { version: string; record: ReleaseRecord | undefined } | undefined
}

/** Judges every requirement of a stage, so that all that is not met is told at once. */
export async function judgeRequirements(
  session: Session,
  requires: readonly string[],
  candidate: Candidate,
  options: CallOptions & { remote?: string },
): Promise<JudgedRequirement[]> {
  const judged: JudgedRequirement[] = []
  for (const text of requires) {
    const requirement = parseRequirement(text)!
    options.signal?.throwIfAborted()
    judged.push({ requirement: text, ...(await judge(session, requirement, candidate, options)) })
  }
  return judged
}

type Judgement = Omit<JudgedRequirement, 'requirement'>

async function judge(
  session: Session,
  requirement: Requirement,
  candidate: Candidate,
  options: CallOptions & { remote?: string },
): Promise<Judgement> {
  switch (requirement.kind) {
    case 'safe':
      return await verdictOf(session, candidate.record, options)
    case 'pushed':
      return await isPushed(session, candidate.record, options)
    case 'figure':
      return judgeFigure(requirement, candidate.record)
    case 'current':
      return judgeAgainst(requirement, candidate)
  }
}

async function isPushed(
  session: Session,
  { path, kind, oid, size, commit }: ReleaseRecord,
  options: CallOptions & { remote?: string },
): Promise<Judgement> {
  try {
    const state = (await cloudStates(session, [{ path, pointer: { path, kind, oid, size } }], options)).get(path)
    if (state === 'ok') return { met: true, actual: 'the remote has all of it' }
    const typed = `\`art push --rev ${commit.slice(0, 12)} ${shellWord(path)}\` sends it`
    return {
      met: false,
      actual: `${state === 'missing' ? 'the remote does not have it' : 'the remote has a part of it'}: ${typed}`,
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!isArtError(error)) throw error
    return { met: false, actual: `the remote could not be asked: ${error.message}` }
  }
}

/** Figures of a release that are no metrics, by the names that people use. */
function figureOf({ facts }: ReleaseRecord, name: string): MetricValue | undefined {
  if (Object.hasOwn(facts.metrics, name)) return facts.metrics[name]
  if (name === 'epoch' || name === 'step' || name === 'parameters') return facts[name]
  return undefined
}

/** `nan`, `inf` and `-inf` are texts; anything else that is one is no figure. */
function numberOf(value: MetricValue): number | undefined {
  if (typeof value === 'number') return value
  const known = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }
  return Object.hasOwn(known, value) ? known[value as keyof typeof known] : undefined
}

const HOLDS: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
}

function judgeFigure({ metric, operator, value }: Requirement & { kind: 'figure' }, record: ReleaseRecord): Judgement {
  const found = figureOf(record, metric)
  if (found === undefined) return { met: false, actual: unknownMetric(record, metric) }
  const number = numberOf(found)
  if (number === undefined) return { met: false, actual: `${metric} is ${JSON.stringify(found)}, and no number` }
  return { met: !Number.isNaN(number) && HOLDS[operator](number, value), actual: `${metric} is ${found}` }
}

function unknownMetric({ version, facts }: ReleaseRecord, metric: string): string {
  const names = Object.keys(facts.metrics)
  const near = closest(metric, names)
  if (near !== undefined) return `${version} has no ${metric}: did you mean ${near}?`
  return `${version} has no ${metric}${names.length === 0 ? ', and no metrics at all' : `: it has ${names.slice(0, 8).join(', ')}`}`
}

/** A metric that the requirement names, or the one that counts. */
function metricOf(
  { entry, deciding }: ReleaseRecord,
  own: string | undefined,
): Omit<DecidingMetric, 'value'> | undefined {
  if (own === undefined) return deciding
  const direction = entry.metric === own ? entry.direction : undefined
  return { name: own, direction: direction ?? directionOf(own) }
}

function judgeAgainst(
  { metric, strictly }: Requirement & { kind: 'current' },
  { record, stage, current }: Candidate,
): Judgement {
  if (current === undefined) return { met: true, actual: `no version has ${stage} yet` }
  if (current.version === record.version) return { met: true, actual: `${record.version} has ${stage}` }
  const counts = metricOf(record, metric)
  if (counts === undefined)
    return { met: false, actual: `nothing says which metric counts: \`metric\` of ${record.model} in models.yaml does` }
  const { name, direction } = counts
  const own = figureOf(record, name)
  if (own === undefined) return { met: false, actual: unknownMetric(record, name) }
  const other = current.record === undefined ? undefined : figureOf(current.record, name)
  if (other === undefined) return { met: false, actual: `${current.version}, which has ${stage}, has no ${name}` }
  const [mine = Number.NaN, theirs = Number.NaN] = [numberOf(own), numberOf(other)]
  const sign = direction === 'highest' ? 1 : -1
  const met = strictly ? sign * mine > sign * theirs : sign * mine >= sign * theirs
  return { met, actual: `${name} is ${own}, ${current.version} has ${other}, the ${direction} is best` }
}
