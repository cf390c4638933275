import { ArtError } from '@art/core'
import type { Fact } from '../facts/fact.ts'
import type { ModelFile } from '../model-file.ts'
import { present } from '../present.ts'
import type { Statistics } from '../statistics/moments.ts'
import type { TensorTable } from '../table/table.ts'
import { type DistanceOptions, distancesBetween, type PathOf } from './distances.ts'
import { factChanges, type FactChange } from './facts.ts'
import { judge } from './judge.ts'
import { type Matches, matchWeights, type TableWeight, weightsOfTable } from './match.ts'
import type { Distance } from './pair.ts'
import { summarizeWeight, unmatchedChanges } from './unmatched.ts'

/** One of two models: its table and, for distances, the file itself. */
export interface Side {
  readonly table: TensorTable
  /** The file that the table was made from, open. */
  readonly file?: ModelFile | undefined
  readonly pathOf?: PathOf | undefined
}

export interface TensorSummary {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: number
  readonly statistics?: Statistics
}

/**
 * What became of one weight. `unknown`: tables without its sha256 cannot tell. `sameAs` names the weight that it was tied to and that both models
 * have: such a name was dropped, or written out.
 */
export type TensorChange =
  | { readonly kind: 'added'; readonly name: string; readonly after: TensorSummary; readonly sameAs?: string }
  | { readonly kind: 'removed'; readonly name: string; readonly before: TensorSummary; readonly sameAs?: string }
  | { readonly kind: 'renamed'; readonly name: string; readonly from: string; readonly after: TensorSummary }
  | {
      readonly kind: 'reshaped' | 'changed' | 'unknown'
      readonly name: string
      readonly before: TensorSummary
      readonly after: TensorSummary
      readonly distance?: Distance
    }

export interface Difference {
  /** Whether the weights digests are equal; undefined where one is not known. */
  readonly same: boolean | undefined
  /** One line for a person. */
  readonly judgement: string
  /** Weights that are the same in both. */
  readonly equal: number
  /** All that are not, in the order of the files. */
  readonly tensors: readonly TensorChange[]
  /** What one side has in front of all names, which does not count as a difference here. */
  readonly prefix: { readonly before: string; readonly after: string }
  readonly facts: readonly FactChange[]
}

export type { Distance, Fact, FactChange }

/** What two tables say of each other, without their files. */
export function compareTables(before: TensorTable, after: TensorTable): Difference {
  const matches = matchWeights(weightsOfTable(before), weightsOfTable(after))
  return differenceOf(before, after, matches, [])
}

/**
 * The same, and for weights of both files that changed or that the tables cannot tell, how far they are from each other. Fails as sources do, and
 * with `CORRUPT` where a table is of another file.
 */
export async function compareModels(
  before: Side,
  after: Side,
  options: Omit<DistanceOptions, 'pathsBefore' | 'pathsAfter'> = {},
): Promise<Difference> {
  const matches = matchWeights(weightsOfTable(before.table), weightsOfTable(after.table))
  const distances = await distancesOf(before, after, matches, {
    ...options,
    pathsBefore: before.pathOf,
    pathsAfter: after.pathOf,
  })
  return differenceOf(before.table, after.table, matches, distances)
}

async function distancesOf(
  before: Side,
  after: Side,
  { both }: Matches,
  options: DistanceOptions,
): Promise<(Distance | undefined)[]> {
  if (before.file === undefined || after.file === undefined || sameWeights(before.table, after.table) === true)
    return []
  const [tensorsBefore, tensorsAfter] = [tensorsOf(before), tensorsOf(after)]
  const wanted = [...both.keys()].filter((i) => {
    const { before: one, after: other } = both[i]!
    return hasShape(one, other) && !(one.content !== undefined && one.content === other.content)
  })
  const found = await distancesBetween(
    wanted.map((i) => {
      const { name, before: one, after: other } = both[i]!
      return { name, before: tensorsBefore[one.place]!, after: tensorsAfter[other.place]! }
    }),
    options,
  )
  const distances = new Array<Distance | undefined>(both.length)
  for (const [place, i] of wanted.entries()) distances[i] = found[place]
  return distances
}

function tensorsOf({ table, file }: Side): ModelFile['tensors'] {
  const { tensors } = file!
  const fits =
    tensors.length === table.tensors.length && table.tensors.every(({ name }, i) => name === tensors[i]!.name)
  if (fits) return tensors
  throw new ArtError('CORRUPT', 'the tensor table is of another file', {
    hint: 'Make it again with `art show --stats`.',
  })
}

function differenceOf(
  before: TensorTable,
  after: TensorTable,
  matches: Matches,
  distances: readonly (Distance | undefined)[],
): Difference {
  const same = sameWeights(before, after)
  const changes: TensorChange[] = []
  for (const [i, { name, before: one, after: other }] of matches.both.entries()) {
    const kind = same === true ? 'equal' : kindOf(one, other, distances[i])
    if (kind === 'equal') continue
    changes.push(
      present<Extract<TensorChange, { kind: 'changed' | 'reshaped' | 'unknown' }>>({
        kind,
        name,
        before: summarizeWeight(one),
        after: summarizeWeight(other),
        distance: distances[i],
      }),
    )
  }
  const equal = matches.both.length - changes.length
  const tensors = changes.concat(unmatchedChanges(before, after, matches))
  const facts = factChanges(before, after)
  return {
    same,
    judgement: judge({ same, equal, changes: tensors, matches, facts }),
    equal,
    tensors,
    prefix: matches.prefix,
    facts,
  }
}

function sameWeights(before: TensorTable, after: TensorTable): boolean | undefined {
  const [one, other] = [before.facts.weights, after.facts.weights]
  return one === undefined || other === undefined ? undefined : one === other
}

function hasShape(one: TableWeight, other: TableWeight): boolean {
  const [a, b] = [one.tensor.shape, other.tensor.shape]
  return a.length === b.length && a.every((size, i) => size === b[i])
}

function kindOf(
  one: TableWeight,
  other: TableWeight,
  distance: Distance | undefined,
): 'equal' | 'reshaped' | 'changed' | 'unknown' {
  if (!hasShape(one, other)) return 'reshaped'
  const [content, otherContent] = [one.content, other.content]
  if (content !== undefined && content === otherContent) return 'equal'
  if (content !== undefined && otherContent !== undefined) return 'changed'
  if (one.tensor.dtype !== other.tensor.dtype) return 'changed'
  if (distance === undefined) return 'unknown'
  return distance.maxDelta === 0 && distance.skipped === 0 ? 'equal' : 'changed'
}
