import { ArtError } from '@art/core'
import type { Candidate as Ranked, Hold } from '@art/registry/prune/select.ts'
import { groupBy, seriesOf } from '@art/registry/prune/series.ts'
import { targetKey } from '@art/remote/transfer/target.ts'
import { pointersAt } from '../git/history.ts'
import { givenOf, withGiven } from '../model/given-facts.ts'
import { type Candidate, newestFirst } from '../model/newest.ts'
import { type Order, orderOf } from '../model/ranking.ts'
import { checkpointOf } from '../model/read-block.ts'
import { candidatesAmong } from '../model/resume-point.ts'
import type { PruneOptions } from '../cleaning-api.ts'
import { openRegistry } from '../registry/open.ts'
import type { Artifact } from '../target/find.ts'
import type { ComparedModel } from '../view-api.ts'
import type { Session } from '../workspace/session.ts'
import { isArchived } from './archived.ts'
import { resumeHolds } from './resume-holds.ts'
import { tagHolds } from './tag-holds.ts'
import { type Lying, lyingThere } from './workspace-hold.ts'

export interface PruneCandidate extends Ranked {
  artifact: Artifact
  lying: Lying
  epoch: number | undefined
  /** As the pointer has it. */
  figure: number | string | undefined
}

export interface Candidates {
  /** The newest first. */
  candidates: PruneCandidate[]
  order: Order
}

/**
 * What a rule is asked about: checkpoints among artifacts, with every reason to keep them that does not depend on the rule. `others`: what else the workspace's
 * pointers name. Fails with `USAGE` for a metric that none has, and with `GIT`.
 */
export async function pruneCandidates(
  session: Session,
  artifacts: readonly Artifact[],
  others: readonly Artifact[],
  options: PruneOptions,
): Promise<Candidates> {
  const { repo } = session
  const registry = await openRegistry(repo)
  const holdsOfTags = await tagHolds(repo, registry)
  const committed = new Map((await pointersAt(repo, 'HEAD')).map(({ path, text }) => [path, text]))
  const shared = new Map(others.map(({ path, pointer }) => [targetKey(pointer), path]))
  const lying = new Map<Artifact, Lying>()
  for (const artifact of artifacts) {
    options.signal?.throwIfAborted()
    lying.set(artifact, await lyingThere(session, artifact))
  }
  const ordered = await newestFirst(repo, await candidatesAmong(session, artifacts))
  const order = orderFor(ordered, options)
  const resume = new Set<Artifact>()
  for (const series of groupBy(ordered, ({ artifact }) => seriesOf(artifact.path))) {
    const held = await resumeHolds(session, series, { ...options, cloud: options.cloud !== false })
    for (const { artifact } of held) resume.add(artifact)
  }
  const holdsOf = (artifact: Artifact): Hold[] => {
    const there = lying.get(artifact)!
    const content = targetKey(artifact.pointer)
    return [
      ...holdsOfTags(artifact),
      ...(isArchived(artifact) ? [{ by: 'archived' as const }] : []),
      ...(resume.has(artifact) ? [{ by: 'resume' as const }] : []),
      ...(there === 'modified' || there === 'uncached' ? [{ by: there }] : []),
      ...(committed.get(artifact.pointerPath) === artifact.pointerText ? [] : [{ by: 'uncommitted' as const }]),
      ...(shared.has(content) ? [{ by: 'shared' as const, detail: shared.get(content)! }] : []),
    ]
  }
  const candidateOf = (artifact: Artifact, epoch: number | undefined, untold: boolean): PruneCandidate => {
    const figure = figureOf(artifact, order.by)
    const holds = holdsOf(artifact)
    return {
      artifact,
      lying: lying.get(artifact)!,
      epoch,
      figure,
      path: artifact.path,
      content: targetKey(artifact.pointer),
      series: options.together === true ? '' : seriesOf(artifact.path),
      value: numeric(figure),
      holds: untold ? [...holds, { by: 'unranked' }] : holds,
    }
  }
  const told = new Set(ordered.map(({ artifact }) => artifact))
  return {
    order,
    candidates: [
      ...ordered.map(({ artifact, epoch }) => candidateOf(artifact, epoch, false)),
      // Whatever these are, no rule about checkpoints is about them.
      ...artifacts.filter((artifact) => !told.has(artifact)).map((artifact) => candidateOf(artifact, undefined, true)),
    ],
  }
}

function orderFor(candidates: readonly Candidate[], { by, direction, keepBest = 0 }: PruneOptions): Order {
  const order = orderOf(
    candidates.flatMap(({ artifact }) => toldBy(artifact) ?? []),
    by,
    direction,
  )
  if (keepBest > 0 && order.by === null && candidates.length > 0) {
    throw new ArtError('USAGE', 'none of the checkpoints tells a metric to find the best by', {
      hint: 'Use --keep-last, or give them metrics with `art add --metric`.',
    })
  }
  return order
}

/** What a pointer says of its checkpoint; undefined where it says nothing. */
function toldBy({ path, pointer }: Artifact): ComparedModel | undefined {
  if (pointer.checkpoint === undefined) return undefined
  const { epoch = null, step, metrics: own, config } = checkpointOf(pointer.checkpoint)
  const metrics = withGiven(own, givenOf(pointer))
  return { name: path, path, epoch, metrics, config, ...(step === undefined ? {} : { step }) }
}

function figureOf(artifact: Artifact, by: string | null): number | string | undefined {
  const told = by === null ? undefined : toldBy(artifact)
  if (told === undefined || by === null) return undefined
  if (Object.hasOwn(told.metrics, by)) return told.metrics[by]
  return by === 'epoch' ? (told.epoch ?? undefined) : by === 'step' ? told.step : undefined
}

/** A pointer spells as a text what is no finite number. */
function numeric(figure: number | string | undefined): number | undefined {
  if (typeof figure !== 'string') return figure
  return figure === 'nan' ? Number.NaN : figure === 'inf' ? Infinity : figure === '-inf' ? -Infinity : undefined
}
